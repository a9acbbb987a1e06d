//! Answers that several calls of the API give; those of one call stand beside it.

use actix_web::body::BoxBody;
use actix_web::{HttpRequest, HttpResponse, Responder};
use serde::Serialize;
use utoipa::ToSchema;

use crate::model::principal::Principal;
use crate::protocol::view::RoomView;

/// Answer with status 201: something was made.
#[derive(Debug)]
pub struct Created<T>(pub T);

impl<T: Serialize> Responder for Created<T> {
    type Body = BoxBody;

    fn respond_to(self, _request: &HttpRequest) -> HttpResponse {
        HttpResponse::Created().json(self.0)
    }
}

/// Answer without content: it is done.
#[derive(Debug, Serialize, ToSchema)]
pub struct EmptyAnswer {}

/// Who the sender is now.
#[derive(Debug, Serialize, ToSchema)]
pub struct MeAnswer {
    /// The sender: account or visitor.
    pub me: Principal,
}

/// Who the sender is now, if anybody.
#[derive(Debug, Serialize, ToSchema)]
pub struct MaybeMeAnswer {
    /// The sender; `null` where nobody without an account is let in.
    pub me: Option<Principal>,
}

/// One room.
#[derive(Debug, Serialize, ToSchema)]
pub struct RoomAnswer {
    /// The room as the sender sees it.
    pub room: RoomView,
}
