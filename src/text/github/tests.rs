//! What GitHub tells, with values of our own, and the messages that come of it.

mod events;
mod hostile;

use serde_json::Value;

use super::Delivery;

macro_rules! told {
    ($($name:literal),* $(,)?) => {
        [$((
            $name,
            include_bytes!(concat!("../fixtures/", $name, ".json")).as_slice(),
            include_str!(concat!("../fixtures/", $name, ".md")),
        )),*]
    };
}

/// A fixture with changes at some places of it.
fn changed(body: &[u8], changes: &[(&str, Value)]) -> Value {
    let mut posted: Value = serde_json::from_slice(body).unwrap();
    for (place, value) in changes {
        *posted.pointer_mut(place).expect(place) = value.clone();
    }
    posted
}

fn words(event: &str, posted: &Value) -> Option<String> {
    let body = posted.to_string();
    Delivery::read(event, body.as_bytes())
        .unwrap()
        .words(4_000, false)
}

use told;
