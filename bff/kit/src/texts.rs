//! Texts by language and meaning, from message files (Fluent: plurals and genders as each language has them). A text that is
//! missing is an error in the log and its key on the page, never a panic; a test finds it before that.

use std::collections::BTreeMap;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

use crate::visit::Lang;

const OWN_EN: &str = include_str!("../messages/en.ftl");
const OWN_DE: &str = include_str!("../messages/de.ftl");

/// All texts of a front end.
pub struct Texts(BTreeMap<Lang, FluentBundle<FluentResource>>);

impl Texts {
    /// The shared texts and a front end's own, which win.
    pub fn new(own: &[(Lang, &str)]) -> Self {
        let shared = [(Lang::En, OWN_EN), (Lang::De, OWN_DE)];
        let mut all = BTreeMap::new();
        for lang in Lang::ALL {
            let tag: LanguageIdentifier = lang.tag().parse().unwrap_or_default();
            let mut bundle = FluentBundle::new_concurrent(vec![tag]);
            // Directions are isolated by the pages (`bdi`).
            bundle.set_use_isolating(false);
            for (_, text) in shared.iter().chain(own).filter(|(of, _)| *of == lang) {
                let resource = FluentResource::try_new((*text).to_owned()).unwrap_or_else(|(resource, errors)| {
                    tracing::error!(lang = lang.tag(), ?errors, "a message file has mistakes");
                    resource
                });
                bundle.add_resource_overriding(resource);
            }
            all.insert(lang, bundle);
        }
        Self(all)
    }

    /// A text; `None` when there is none.
    pub fn find(&self, lang: Lang, key: &str, args: &[(&str, FluentValue<'_>)]) -> Option<String> {
        let bundle = self.0.get(&lang)?;
        let pattern = bundle.get_message(key)?.value()?;
        let args: FluentArgs<'_> = args.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        let mut errors = Vec::new();
        let text = bundle.format_pattern(pattern, Some(&args), &mut errors).into_owned();
        if !errors.is_empty() {
            tracing::error!(key, ?errors, "a text cannot be put together");
        }
        Some(text)
    }

    /// A text; its key when there is none.
    pub fn say(&self, lang: Lang, key: &str, args: &[(&str, FluentValue<'_>)]) -> String {
        self.find(lang, key, args).unwrap_or_else(|| {
            tracing::error!(key, lang = lang.tag(), "a text is missing");
            key.to_owned()
        })
    }
}

/// What is wrong with message files: keys that one language has and another has not. For the tests of front ends.
pub fn differences(files: &[(Lang, &str)]) -> Vec<String> {
    let keys = |text: &str| -> Vec<String> {
        let key = |line: &str| {
            let (key, _) = line.split_once('=')?;
            let key = key.trim_end();
            (!key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')).then(|| key.to_owned())
        };
        text.lines().filter_map(key).collect()
    };
    let all: BTreeMap<Lang, Vec<String>> = files.iter().map(|(lang, text)| (*lang, keys(text))).collect();
    let mut wrong = Vec::new();
    for (lang, own) in &all {
        for (other, theirs) in all.iter().filter(|(other, _)| *other != lang) {
            wrong.extend(own.iter().filter(|key| !theirs.contains(key)).map(|key| format!("{key} is missing in {}", other.tag())));
        }
        wrong.extend(own.iter().enumerate().filter(|(n, key)| own[..*n].contains(key)).map(|(_, key)| format!("{key} is there twice")));
    }
    wrong.extend(Lang::ALL.iter().filter(|lang| !all.contains_key(lang)).map(|lang| format!("there are no texts in {}", lang.tag())));
    wrong
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_has_every_text() {
        assert_eq!(differences(&[(Lang::En, OWN_EN), (Lang::De, OWN_DE)]), [""; 0]);
        assert_eq!(differences(&[(Lang::En, "a = x\nb = y"), (Lang::De, "a = x")]), ["b is missing in de"]);
    }

    #[test]
    fn every_stable_code_is_said_in_every_language() {
        let texts = Texts::new(&[]);
        let pages = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/errors")).expect("the pages of codes");
        let codes: Vec<String> =
            pages.filter_map(|p| Some(p.ok()?.path().file_stem()?.to_str()?.to_owned())).filter(|code| code != "README").collect();
        assert!(codes.len() > 60);
        let missing = |lang| codes.iter().filter(move |code| texts_find(lang, code)).cloned().collect::<Vec<_>>();
        fn texts_find(lang: Lang, code: &str) -> bool {
            !Texts::new(&[]).0[&lang].has_message(&format!("code-{code}"))
        }
        let all: Vec<_> = Lang::ALL.into_iter().flat_map(missing).collect();
        assert_eq!(all, [""; 0]);
        assert_eq!(texts.say(Lang::De, "no-such-text", &[]), "no-such-text");
    }

    #[test]
    fn plurals_are_each_languages_own() {
        let texts = Texts::new(&[]);
        let nights = |lang, n: i64| texts.say(lang, "nights", &[("n", FluentValue::from(n))]);
        assert_eq!((nights(Lang::En, 1), nights(Lang::En, 3)), ("1 night".into(), "3 nights".into()));
        assert_eq!((nights(Lang::De, 1), nights(Lang::De, 3)), ("1 Nacht".into(), "3 Nächte".into()));
    }
}
