//! Many rows into one table, as fast as the server takes them (`COPY`).

use std::pin::Pin;

use bytes::{BufMut, Bytes, BytesMut};
use futures_util::SinkExt;
use tokio::runtime::Runtime;
use tokio_postgres::CopyInSink;

use super::Postgres;
use crate::store::db::{Cell, StoreError};

/// Bytes that are sent together.
const CHUNK: usize = 64 * 1024;

/// Rows on their way into a table.
pub(in crate::store) struct Copying<'a> {
    runtime: &'a Runtime,
    sink: Pin<Box<CopyInSink<Bytes>>>,
    waiting: BytesMut,
    rows: u64,
}

impl Postgres {
    /// Begins to copy rows by `COPY … FROM STDIN`, in the transaction that is open.
    ///
    /// # Errors
    /// When the database fails.
    pub(in crate::store) fn copy(&mut self, sql: &str) -> Result<Copying<'_>, StoreError> {
        let sink = self.ask(None, async |session, _| {
            Ok(session.client().copy_in::<_, Bytes>(sql).await?)
        })?;
        Ok(Copying {
            runtime: &self.runtime,
            sink: Box::pin(sink),
            waiting: BytesMut::with_capacity(CHUNK),
            rows: 0,
        })
    }
}

impl Copying<'_> {
    /// Copies one row.
    ///
    /// # Errors
    /// When the database fails, or does not take a row that was copied before.
    pub(in crate::store) fn row(&mut self, cells: &[Cell]) -> Result<(), StoreError> {
        for (place, cell) in cells.iter().enumerate() {
            if place > 0 {
                self.waiting.put_u8(b'\t');
            }
            put(cell, &mut self.waiting)?;
        }
        self.waiting.put_u8(b'\n');
        self.rows += 1;
        if self.waiting.len() >= CHUNK {
            let chunk = self.waiting.split().freeze();
            self.runtime.block_on(self.sink.send(chunk))?;
        }
        Ok(())
    }

    /// Copies what is left, and returns how many rows it was in all.
    ///
    /// # Errors
    /// When the database does not take them.
    pub(in crate::store) fn finish(mut self) -> Result<u64, StoreError> {
        let rest = self.waiting.split().freeze();
        let taken = self.runtime.block_on(async {
            self.sink.send(rest).await?;
            self.sink.as_mut().finish().await
        })?;
        match taken == self.rows {
            true => Ok(taken),
            false => Err(StoreError::Shape),
        }
    }
}

/// Writes a value in the text form of COPY (<https://www.postgresql.org/docs/current/sql-copy.html>).
fn put(cell: &Cell, out: &mut BytesMut) -> Result<(), StoreError> {
    match cell {
        Cell::Null => out.put_slice(b"\\N"),
        Cell::Int(number) => out.put_slice(number.to_string().as_bytes()),
        Cell::Text(text) => {
            for byte in text.bytes() {
                match byte {
                    0 => {
                        return Err(StoreError::Failed(
                            "a text has a NUL character, which PostgreSQL does not store"
                                .to_owned(),
                        ));
                    }
                    b'\\' => out.put_slice(b"\\\\"),
                    b'\n' => out.put_slice(b"\\n"),
                    b'\r' => out.put_slice(b"\\r"),
                    b'\t' => out.put_slice(b"\\t"),
                    byte => out.put_u8(byte),
                }
            }
        }
    }
    Ok(())
}
