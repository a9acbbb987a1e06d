//! Values on their way to PostgreSQL and back, by the type that the server has for each parameter and column.
//!
//! The store knows whole numbers, text and null; here are the types of PostgreSQL that these may be, and no other:
//! a statement that means another one is refused, with words, and nothing is cut off or rounded.

use std::error::Error;

use bytes::{BufMut, BytesMut};
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};
use uuid::Uuid;

use crate::model::message_id::MessageId;
use crate::model::room_id::RoomId;
use crate::model::seq::Seq;
use crate::store::db::{Cell, Value};

type Failure = Box<dyn Error + Sync + Send>;

/// A parameter of a statement.
#[derive(Debug)]
pub(super) struct Parameter<'a>(pub(super) Value<'a>);

/// Why a value cannot be what the statement wants, or the other way round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refused {
    #[error("a number is too large for its column")]
    Range,
    #[error("a text has a NUL character, which PostgreSQL does not store")]
    Nul,
    #[error("a text that is no UUID stands for one")]
    NoUuid,
    #[error("a value has another type than the statement")]
    Type,
}

impl ToSql for Parameter<'_> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Failure> {
        match self.0 {
            Value::Null => return Ok(IsNull::Yes),
            Value::Int(number)
            | Value::Room(RoomId(number))
            | Value::Message(MessageId(number))
            | Value::Seq(Seq(number)) => put_number(number, ty, out)?,
            Value::Text(text) => put_text(text, ty, out)?,
            Value::Person(id) => put_text(&id.to_string(), ty, out)?,
        }
        Ok(IsNull::No)
    }

    fn accepts(_ty: &Type) -> bool {
        // Which of them: `to_sql` says in words.
        true
    }

    to_sql_checked!();
}

fn put_number(number: i64, ty: &Type, out: &mut BytesMut) -> Result<(), Refused> {
    let range = |_large| Refused::Range;
    match *ty {
        Type::INT8 => out.put_i64(number),
        Type::INT4 => out.put_i32(i32::try_from(number).map_err(range)?),
        Type::INT2 => out.put_i16(i16::try_from(number).map_err(range)?),
        Type::BOOL if matches!(number, 0 | 1) => out.put_u8(u8::from(number == 1)),
        Type::BOOL => return Err(Refused::Range),
        _ => return Err(Refused::Type),
    }
    Ok(())
}

fn put_text(text: &str, ty: &Type, out: &mut BytesMut) -> Result<(), Refused> {
    match *ty {
        Type::TEXT | Type::VARCHAR if text.contains('\0') => return Err(Refused::Nul),
        Type::TEXT | Type::VARCHAR => out.put_slice(text.as_bytes()),
        Type::UUID => {
            let id = Uuid::try_parse(text).map_err(|_other| Refused::NoUuid)?;
            out.put_slice(id.as_bytes());
        }
        _ => return Err(Refused::Type),
    }
    Ok(())
}

/// A UUID as a parameter.
#[derive(Debug)]
pub(super) struct Id(pub(super) Uuid);

impl ToSql for Id {
    fn to_sql(&self, _ty: &Type, out: &mut BytesMut) -> Result<IsNull, Failure> {
        out.put_slice(self.0.as_bytes());
        Ok(IsNull::No)
    }

    fn accepts(ty: &Type) -> bool {
        *ty == Type::UUID
    }

    to_sql_checked!();
}

/// A value of a row.
pub(super) struct Column(pub(super) Cell);

impl<'a> FromSql<'a> for Column {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, Failure> {
        let cell = match *ty {
            Type::INT8 => Cell::Int(i64::from_sql(ty, raw)?),
            Type::INT4 => Cell::Int(i32::from_sql(ty, raw)?.into()),
            Type::INT2 => Cell::Int(i16::from_sql(ty, raw)?.into()),
            Type::BOOL => Cell::Int(bool::from_sql(ty, raw)?.into()),
            Type::TEXT | Type::VARCHAR => Cell::Text(String::from_sql(ty, raw)?),
            Type::UUID => Cell::Text(Uuid::from_slice(raw)?.to_string()),
            _ => return Err(Refused::Type.into()),
        };
        Ok(Self(cell))
    }

    fn from_sql_null(ty: &Type) -> Result<Self, Failure> {
        match *ty {
            Type::INT8 | Type::INT4 | Type::INT2 | Type::BOOL => Ok(Self(Cell::Null)),
            Type::TEXT | Type::VARCHAR | Type::UUID => Ok(Self(Cell::Null)),
            _ => Err(Refused::Type.into()),
        }
    }

    fn accepts(_ty: &Type) -> bool {
        true
    }
}
