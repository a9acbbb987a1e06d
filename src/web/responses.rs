//! Answers that several calls of the API give; what one call answers stands beside it.

use actix_web::body::BoxBody;
use actix_web::{HttpRequest, HttpResponse, Responder};
use serde::Serialize;
use utoipa::ToSchema;

use crate::model::principal::Principal;
use crate::protocol::view::RoomView;

/// What has been made, with a 201.
#[derive(Debug)]
pub struct Created<T>(pub T);

impl<T: Serialize> Responder for Created<T> {
    type Body = BoxBody;

    fn respond_to(self, _request: &HttpRequest) -> HttpResponse {
        HttpResponse::Created().json(self.0)
    }
}

/// Nothing but that it is done.
#[derive(Debug, Serialize, ToSchema)]
pub struct EmptyAnswer {}

/// Who the sender is now.
#[derive(Debug, Serialize, ToSchema)]
pub struct MeAnswer {
    /// They.
    pub me: Principal,
}

/// Who the sender is now, if they are anybody.
#[derive(Debug, Serialize, ToSchema)]
pub struct MaybeMeAnswer {
    /// `null` where nobody without an account is let in.
    pub me: Option<Principal>,
}

/// A room.
#[derive(Debug, Serialize, ToSchema)]
pub struct RoomAnswer {
    /// As the sender sees it.
    pub room: RoomView,
}
