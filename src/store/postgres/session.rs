//! One connection to PostgreSQL, with its prepared statements.

use std::collections::HashMap;
use std::time::Duration;

use futures_util::future::join;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::task::{JoinHandle, yield_now};
use tokio::time::timeout;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Connection, NoTls, SimpleQueryMessage, Statement};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::Address;
use super::values::{Column, Parameter};
use crate::store::backend::Role;
use crate::store::db::{Cell, Row, StoreError, Value};

/// The oldest version that the store's SQL is for, as `server_version_num` says it.
const OLDEST: i64 = 130_000;

/// How long opening a connection may take for each machine that the address names, with its name looked up.
const OPEN: Duration = Duration::from_secs(5);

/// How long a connection that is closed may take to say goodbye.
const GOODBYE: Duration = Duration::from_secs(1);

/// What is to be done with the rows of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    /// As it is written.
    Plain,
    /// The id of the row that it inserts is asked for.
    Insert,
}

/// An open connection.
pub(super) struct Session {
    client: Client,
    /// As many as the program has: all are literals.
    statements: HashMap<(&'static str, Kind), Statement>,
    task: JoinHandle<()>,
}

impl Session {
    /// Opens a connection, and looks at whom it leads to. Must run in the runtime that it is used in.
    pub(super) async fn open(
        address: &Address,
        node: &str,
        role: Role,
        relaxed: bool,
    ) -> Result<Self, StoreError> {
        let application = format!("teahouse/{node}/{}", role.name());
        let config = address.config(&application, &role.settings(relaxed));
        let opening = async {
            match address.tls() {
                Some(tls) => {
                    let (client, connection) = config
                        .connect(MakeRustlsConnect::new(tls.as_ref().clone()))
                        .await?;
                    Ok((client, drive(connection)))
                }
                None => {
                    let (client, connection) = config.connect(NoTls).await?;
                    Ok((client, drive(connection)))
                }
            }
        };
        let within = OPEN.saturating_mul(address.machines());
        let opened: Result<Result<_, StoreError>, _> = timeout(within, opening).await;
        let (client, task) = opened.map_err(|_elapsed| {
            StoreError::Gone(format!("no connection within {} s", within.as_secs()))
        })??;
        check(&client).await?;
        Ok(Self {
            client,
            statements: HashMap::new(),
            task,
        })
    }

    /// Whether the connection is there, as far as this end has heard.
    pub(super) fn is_open(&self) -> bool {
        !self.client.is_closed()
    }

    /// What sends statements, several at a time.
    pub(super) fn client(&self) -> &Client {
        &self.client
    }

    /// Lets what the server has said meanwhile come in: that it ends the connection, for one.
    pub(super) async fn listen(&self) {
        // The runtime looks at its sockets when everything has yielded, and then wakes whoever waits for them.
        for _ in 0..2 {
            yield_now().await;
        }
    }

    /// Ends the connection in good order.
    pub(super) async fn close(self) {
        let Self { client, task, .. } = self;
        drop(client);
        // Whoever does not hear it in time hears it from the system.
        let _late = timeout(GOODBYE, task).await;
    }

    /// Runs statements without values.
    pub(super) async fn batch(&self, sql: &str) -> Result<(), StoreError> {
        Ok(self.client.batch_execute(sql).await?)
    }

    /// Runs a statement and returns its rows. `before` goes before it, in the same flush.
    pub(super) async fn query(
        &mut self,
        before: Option<String>,
        (sql, kind): (&'static str, Kind),
        values: &[Value<'_>],
    ) -> Result<Vec<Row>, StoreError> {
        let statement = self.prepare(sql, kind).await?;
        let parameters = parameters(&statement, values)?;
        let parameters: Vec<_> = parameters
            .iter()
            .map(|each| each as &(dyn ToSql + Sync))
            .collect();
        let rows = self.client.query(&statement, &parameters);
        let rows = self.after(before, rows).await?;
        rows.iter().map(row).collect()
    }

    /// Runs a statement and returns how many rows it has changed. `before` goes before it, in the same flush.
    pub(super) async fn execute(
        &mut self,
        before: Option<String>,
        sql: &'static str,
        values: &[Value<'_>],
    ) -> Result<usize, StoreError> {
        let statement = self.prepare(sql, Kind::Plain).await?;
        let parameters = parameters(&statement, values)?;
        let parameters: Vec<_> = parameters
            .iter()
            .map(|each| each as &(dyn ToSql + Sync))
            .collect();
        let changed = self.client.execute(&statement, &parameters);
        let changed = self.after(before, changed).await?;
        Ok(usize::try_from(changed).unwrap_or(usize::MAX))
    }

    /// The types of a statement's parameters and columns.
    #[cfg(test)]
    pub(super) async fn types(
        &self,
        sql: &str,
    ) -> Result<Vec<tokio_postgres::types::Type>, StoreError> {
        let statement = self.client.prepare(sql).await?;
        let columns = statement.columns().iter().map(|column| column.type_());
        Ok(statement.params().iter().chain(columns).cloned().collect())
    }

    async fn after<T>(
        &self,
        before: Option<String>,
        work: impl Future<Output = Result<T, tokio_postgres::Error>>,
    ) -> Result<T, tokio_postgres::Error> {
        let Some(before) = before else {
            return work.await;
        };
        let (before, done) = join(self.client.batch_execute(&before), work).await;
        before?;
        done
    }

    /// A statement, parsed once.
    pub(super) async fn prepare(
        &mut self,
        sql: &'static str,
        kind: Kind,
    ) -> Result<Statement, StoreError> {
        if let Some(known) = self.statements.get(&(sql, kind)) {
            return Ok(known.clone());
        }
        let statement = match kind {
            Kind::Plain => self.client.prepare(sql).await?,
            Kind::Insert => self.client.prepare(&format!("{sql} RETURNING id")).await?,
        };
        self.statements.insert((sql, kind), statement.clone());
        Ok(statement)
    }
}

/// Lets a connection send and receive, as long as it lasts.
fn drive<S, T>(connection: Connection<S, T>) -> JoinHandle<()>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            let error = StoreError::from(error);
            tracing::warn!(%error, "a connection to the database was lost");
        }
    })
}

/// The values that a statement has; it may use fewer than there are.
fn parameters<'a>(
    statement: &Statement,
    values: &[Value<'a>],
) -> Result<Vec<Parameter<'a>>, StoreError> {
    let used = values.get(..statement.params().len());
    let used = used.ok_or(StoreError::Shape)?;
    Ok(used.iter().map(|value| Parameter(*value)).collect())
}

/// A row as the store reads it.
pub(super) fn row(row: &tokio_postgres::Row) -> Result<Row, StoreError> {
    let cell = |column| Ok(row.try_get::<_, Column>(column)?.0);
    let cells: Result<Vec<Cell>, StoreError> = (0..row.len()).map(cell).collect();
    Ok(Row::new(cells?))
}

/// Whether the store can live in the database that a connection leads to.
async fn check(client: &Client) -> Result<(), StoreError> {
    let asked = client.simple_query(
        "SELECT current_setting('server_version_num'), current_setting('server_version'), \
         current_setting('server_encoding'), current_setting('transaction_read_only'), pg_is_in_recovery()",
    );
    let answer = asked.await?;
    let row = answer.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => Some(row),
        _ => None,
    });
    let row = row.ok_or(StoreError::Shape)?;
    let mut said = [""; 5];
    for (column, text) in said.iter_mut().enumerate() {
        *text = row.try_get(column)?.ok_or(StoreError::Shape)?;
    }
    refusal(said)?.map_or(Ok(()), Err)
}

/// Why the store cannot live in a database: of its server the version as a number and in words, the encoding, whether
/// it only reads, and whether it is a standby.
pub(super) fn refusal(
    [number, version, encoding, reads, standby]: [&str; 5],
) -> Result<Option<StoreError>, StoreError> {
    let number: i64 = number.parse().map_err(|_other| StoreError::Shape)?;
    let refused = if number < OLDEST {
        StoreError::Failed(format!(
            "this is PostgreSQL {version}: Teahouse needs 13 or newer"
        ))
    } else if encoding != "UTF8" {
        StoreError::Failed(format!(
            "the database has the encoding {encoding}: make one for Teahouse with CREATE DATABASE teahouse ENCODING 'UTF8' TEMPLATE template0"
        ))
    } else if standby == "t" {
        StoreError::Gone(
            "this server is a standby, which only reads: the address must lead to the primary, for example with several hosts and ?target_session_attrs=read-write".to_owned(),
        )
    } else if reads == "on" {
        StoreError::Gone(
            "the database only reads: ALTER DATABASE … SET default_transaction_read_only = off, for the role too".to_owned(),
        )
    } else {
        return Ok(None);
    };
    Ok(Some(refused))
}
