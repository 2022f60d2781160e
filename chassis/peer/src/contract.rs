//! A command as two services agree on it: whose it is, its path, its body, its reply.

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

/// A command of a service's public surface. Its serialised fields that occur in `PATH` as `{field}` go there, the rest
/// is the JSON body.
pub trait Contract: Serialize + DeserializeOwned + Send + 'static {
    /// The service that owns it.
    const SERVICE: &'static str;
    /// Its name in logs, the route table and the call graph.
    const NAME: &'static str;
    /// Path below `/api/<service>/v1`, with `{field}` for path parameters.
    const PATH: &'static str;
    /// What it answers when applied.
    type Reply: Serialize + DeserializeOwned;
}

/// A command ready for the wire.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// The service to ask.
    pub service: &'static str,
    /// The command's name.
    pub name: &'static str,
    /// The full path.
    pub path: String,
    /// The JSON body.
    pub body: String,
    /// The key to send it under; a saga's own (`<saga>/<step>`) unless the call names its occasion.
    pub key: Option<String>,
}

impl Call {
    /// The same call under a key that names its occasion.
    pub fn under(self, key: String) -> Self {
        Self { key: Some(key), ..self }
    }

    /// A call of this command.
    pub fn to<C: Contract>(command: &C) -> Self {
        // A contract is a plain struct: serde_json cannot fail on it, and it is an object.
        let mut body = serde_json::to_value(command).unwrap_or_default();
        let mut path = format!("/api/{}/v1", C::SERVICE);
        for segment in C::PATH.split('/').skip(1) {
            path.push('/');
            match segment.strip_prefix('{').and_then(|s| s.strip_suffix('}')) {
                Some(field) => {
                    let taken = body.as_object_mut().and_then(|o| o.remove(field));
                    if let Some(Value::String(text)) = taken {
                        path.push_str(&text);
                    }
                }
                None => path.push_str(segment),
            }
        }
        Self { service: C::SERVICE, name: C::NAME, path, body: body.to_string(), key: None }
    }
}
