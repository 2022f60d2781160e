//! Making a service's place on a PostgreSQL server: its role, its schema, its tables; safe when replicas start together.

use tokio_postgres::Config;

use super::session::{Fault, Session, Target, name};
use crate::migration;

/// Two processes that make the same thing at once: the loser looks again, so often at most.
const TRIES: u32 = 20;

/// The database of a URL, and the schema of a service in it.
#[derive(Clone)]
pub struct Place {
    config: Config,
    service: String,
}

impl Place {
    /// The place of a service: schema `ph_<service>`, owned by a role of the same name.
    pub fn new(url: &str, service: &str) -> Result<Self, String> {
        // The driver's own error may hold the URL, which may hold a password.
        let mut config: Config = url.parse().map_err(|_| "the store's URL is none of PostgreSQL (postgres://user@host:5432/database)")?;
        config.application_name(format!("posthouse-{service}"));
        config.keepalives_idle(std::time::Duration::from_secs(5));
        config.tcp_user_timeout(std::time::Duration::from_secs(10));
        Ok(Self { config, service: service.to_owned() })
    }

    /// The role that owns the service's schemas.
    fn role(&self) -> String {
        format!("ph_{}", self.service)
    }

    /// Makes role and schema where they are missing, and gives the way to connect into it. `part` names one of several
    /// schemas of the service.
    pub fn provide(&self, part: &str) -> Result<Target, Fault> {
        let (role, schema) = (self.role(), format!("ph_{}{part}", self.service));
        let mut admin = Session::new(Target { config: self.config.clone(), role: None, schema: "public".into() })?;
        admin.reach()?;
        // Without the right to make roles (a URL for each service) the user of the URL owns the schema itself.
        let ask = "SELECT rolcreaterole OR rolsuper FROM pg_roles WHERE rolname = current_user";
        let may = admin.run(async |c| Ok(c.query_one(ask, &[]).await?.get::<_, bool>(0)))?;
        if may {
            let member = "SELECT pg_has_role(current_user, oid, 'MEMBER') FROM pg_roles WHERE rolname = $1";
            repeat(|| {
                let found = admin.run(async |c| Ok(c.query_opt(member, &[&role]).await?.map(|row| row.get::<_, bool>(0))))?;
                let sql = match found {
                    None => format!("CREATE ROLE {} NOLOGIN; GRANT {0} TO CURRENT_USER", name(&role)),
                    Some(false) => format!("GRANT {} TO CURRENT_USER", name(&role)),
                    Some(true) => return Ok(()),
                };
                admin.run(async |c| c.batch_execute(&sql).await)
            })?;
        }
        let exists = "SELECT count(*) FROM pg_namespace WHERE nspname = $1";
        repeat(|| {
            if admin.run(async |c| Ok(c.query_one(exists, &[&schema]).await?.get::<_, i64>(0)))? == 0 {
                let owner = if may { format!(" AUTHORIZATION {}", name(&role)) } else { String::new() };
                admin.run(async |c| c.batch_execute(&format!("CREATE SCHEMA {}{owner}", name(&schema))).await)?;
            }
            Ok(())
        })?;
        Ok(Target { config: self.config.clone(), role: may.then_some(role), schema })
    }
}

/// Tries again what failed because another process did the same at the same moment.
fn repeat(mut make: impl FnMut() -> Result<(), Fault>) -> Result<(), Fault> {
    let mut last = make();
    for _ in 1..TRIES {
        match last {
            Err(Fault::Refused { .. }) => last = make(),
            done => return done,
        }
    }
    last
}

/// Brings the tables up to date and gives the store's incarnation.
pub fn migrate(session: &mut Session, incarnation: &str) -> Result<String, String> {
    repeat(|| session.run(async |c| c.batch_execute(migration::NOTES).await)).map_err(|e| e.to_string())?;
    let durable = session.run(async |c| Ok(c.query_one("SELECT current_setting('synchronous_commit')", &[]).await?.get::<_, String>(0)));
    if durable.map_err(|e| e.to_string())? == "off" {
        return Err("the server answers commits before they are on disk: set synchronous_commit to on (or stronger) for this role".into());
    }
    let done = session.run(async |c| {
        // The lock makes replicas that start together go one after the other.
        c.batch_execute("BEGIN; LOCK TABLE migration IN ACCESS EXCLUSIVE MODE").await?;
        let rows = c.query("SELECT version, checksum FROM migration ORDER BY version", &[]).await?;
        let applied: Vec<(i64, String)> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
        let left = match migration::left(migration::POSTGRES, &applied) {
            Ok(left) => left,
            Err(why) => {
                c.batch_execute("ROLLBACK").await?;
                return Ok(Err(why));
            }
        };
        for next in left {
            c.batch_execute(next.sql).await?;
            c.execute("INSERT INTO migration VALUES($1, $2, $3)", &[&next.version, &next.name, &next.checksum()]).await?;
        }
        c.execute("INSERT INTO meta VALUES('incarnation', $1) ON CONFLICT DO NOTHING", &[&incarnation]).await?;
        let known: String = c.query_one("SELECT value FROM meta WHERE name = 'incarnation'", &[]).await?.get(0);
        c.batch_execute("COMMIT").await?;
        Ok(Ok(known))
    });
    // A transaction left open by a fault ends with its connection.
    done.map_err(|e| {
        session.hang_up();
        e.to_string()
    })?
}
