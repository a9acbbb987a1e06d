//! The address of a PostgreSQL database, as settings and the command line have it.

use tokio_postgres::Config;

const ENCRYPTED: &str = "must not have sslmode or the like: what leaves this machine is always encrypted, and [storage] tls_ca says \
                         whom to trust";

/// Reads `postgres://USER@HOST:PORT/DATABASE?PARAMETER=VALUE`; several hosts stand with commas between them.
///
/// # Errors
/// What it must be. Nothing of it is shown: it may have a password in it.
pub fn read(text: &str) -> Result<Config, &'static str> {
    let schemes = ["postgres://", "postgresql://"];
    let Some(rest) = schemes.iter().find_map(|scheme| text.strip_prefix(scheme)) else {
        return Err("must begin with postgres://");
    };
    if text
        .split_once('?')
        .is_some_and(|(_, parameters)| parameters.contains("ssl"))
    {
        return Err(ENCRYPTED);
    }
    let config: Config = text.parse().map_err(|_shows_it| why_not(text, rest))?;
    if config.get_password().is_some() {
        // Whoever reads a log or a list of processes would read it too.
        return Err("must not have the password in it, but in [storage] password or password_file");
    }
    if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
        return Err("must name a host: postgres://USER@HOST/DATABASE");
    }
    if config.get_user().is_none() || config.get_dbname().is_none() {
        return Err("must name a user and a database: postgres://USER@HOST/DATABASE");
    }
    Ok(config)
}

/// What is wrong with an address that the driver does not take.
fn why_not(text: &str, rest: &str) -> &'static str {
    let (address, parameters) = text.split_once('?').unwrap_or((text, ""));
    if !parameters.is_empty() && address.parse::<Config>().is_ok() {
        return "must have parameters behind the ? that are known, with their values, such as target_session_attrs=read-write";
    }
    let hosts = rest.split(['/', '?']).next().unwrap_or_default();
    let hosts = hosts.rsplit('@').next().unwrap_or_default();
    let is_port = |port: &str| port.parse::<u16>().is_ok_and(|port| port > 0);
    let mut ports = hosts.split(',').filter_map(|host| {
        let behind = host.rsplit(']').next().unwrap_or_default();
        behind.rsplit_once(':').map(|(_, port)| port)
    });
    if ports.any(|port| !is_port(port)) {
        return "must have a port from 1 to 65535 behind the host, or none";
    }
    "must be \"postgres://USER@HOST/DATABASE\""
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn what_is_wrong_is_said_without_showing_it() {
        for right in [
            "postgres://tea@db1/tea",
            "postgresql://tea@db1:5433,[::1]:5432/tea?target_session_attrs=read-write",
            "postgres://tea@%2Frun%2Fpostgresql/tea",
        ] {
            assert!(read(right).is_ok(), "{right}");
        }
        for (wrong, words) in [
            ("mysql://tea@db1/shib", "begin with postgres://"),
            ("postgres:tea@db1/shib", "begin with postgres://"),
            ("postgres://tea:shib@db1/tea", "password_file"),
            ("postgres:///shib", "name a host"),
            ("postgres://tea@db1:99999/shib", "a port from 1 to 65535"),
            ("postgres://tea@[::1]:x/shib", "a port from 1 to 65535"),
            ("postgres://tea@db1/shib?colour=red", "parameters"),
            ("postgres://tea@db1/shib?sslmode=verify-full", "tls_ca"),
            ("postgres://tea@db1/shib?sslmode=disable", "tls_ca"),
            ("postgres://tea@db1", "a database"),
            ("postgres://db1/shib", "a user"),
            ("postgres://%ff@db1/shib", "USER@HOST/DATABASE"),
        ] {
            let said = read(wrong).unwrap_err();
            assert!(said.contains(words), "{wrong}: {said}");
            assert!(!said.contains("shib"), "{said}");
        }
    }
}
