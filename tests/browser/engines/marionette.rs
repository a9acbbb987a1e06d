//! Marionette, the protocol that Firefox speaks itself: WebDriver's commands by other names, as JSON
//! over TCP. Behind [`thirtyfour`] it stands where the HTTP of a driver's process would.

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use serde_json::{Value, json};
use thirtyfour::error::WebDriverResult;
use thirtyfour::session::http::{Body, HttpClient};
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::sync::Mutex;

/// The commands that are used: how WebDriver writes them, below a session, and their names here.
/// `*` stands for an element.
const COMMANDS: [(&str, &str); 25] = [
    ("POST frame", "WebDriver:SwitchToFrame"),
    ("POST timeouts", "WebDriver:SetTimeouts"),
    ("POST url", "WebDriver:Navigate"),
    ("GET url", "WebDriver:GetCurrentURL"),
    ("POST back", "WebDriver:Back"),
    ("POST refresh", "WebDriver:Refresh"),
    ("GET window", "WebDriver:GetWindowHandle"),
    ("GET window/rect", "WebDriver:GetWindowRect"),
    ("POST window/rect", "WebDriver:SetWindowRect"),
    ("DELETE window", "WebDriver:CloseWindow"),
    ("POST execute/sync", "WebDriver:ExecuteScript"),
    ("POST element", "WebDriver:FindElement"),
    ("POST elements", "WebDriver:FindElements"),
    ("POST element/*/element", "WebDriver:FindElement"),
    ("POST element/*/elements", "WebDriver:FindElements"),
    ("POST element/*/click", "WebDriver:ElementClick"),
    ("POST element/*/clear", "WebDriver:ElementClear"),
    ("POST element/*/value", "WebDriver:ElementSendKeys"),
    ("GET element/*/rect", "WebDriver:GetElementRect"),
    ("GET element/*/text", "WebDriver:GetElementText"),
    ("GET element/*/enabled", "WebDriver:IsElementEnabled"),
    ("GET element/*/displayed", "WebDriver:IsElementDisplayed"),
    ("POST actions", "WebDriver:PerformActions"),
    ("DELETE actions", "WebDriver:ReleaseActions"),
    ("GET screenshot", "WebDriver:TakeScreenshot"),
];

/// The line to one Firefox.
#[derive(Clone)]
pub struct Marionette(Arc<Mutex<Line>>);

struct Line {
    stream: BufReader<TcpStream>,
    asked: u64,
}

impl Marionette {
    /// Takes the line at this port; Firefox says hello first.
    pub async fn at(port: u16) -> std::io::Result<Self> {
        let stream = BufReader::new(TcpStream::connect(("127.0.0.1", port)).await?);
        let mut line = Line { stream, asked: 0 };
        let hello = line.hears().await?;
        assert_eq!(hello["marionetteProtocol"], 3, "{hello}");
        Ok(Self(Arc::new(Mutex::new(line))))
    }

    /// The value of a script that runs in the browser itself, not in its page.
    pub async fn in_browser(&self, script: &str) -> Value {
        let mut line = self.0.lock().await;
        let chrome = json!({"value": "chrome"});
        line.asks("Marionette:SetContext", chrome).await.unwrap();
        let script = json!({"script": script, "args": []});
        let value = line.asks("WebDriver:ExecuteScript", script).await;
        let content = json!({"value": "content"});
        line.asks("Marionette:SetContext", content).await.unwrap();
        value.unwrap_or_else(|error| panic!("{error}"))
    }
}

impl Line {
    /// A command, and what came of it: its value, or its error.
    async fn asks(&mut self, command: &str, parameters: Value) -> Result<Value, Value> {
        self.asked += 1;
        let question = json!([0, self.asked, command, parameters]).to_string();
        let question = format!("{}:{question}", question.len());
        self.stream.write_all(question.as_bytes()).await.unwrap();
        let mut answer = self.hears().await.unwrap();
        assert_eq!(answer[1], self.asked, "the answer to another question");
        let mut value = answer[3].take();
        match answer[2].take() {
            // What is not an object or a list is wrapped.
            Value::Null => match value.as_object_mut() {
                Some(object) if object.len() == 1 && object.contains_key("value") => {
                    Ok(object["value"].take())
                }
                _ => Ok(value),
            },
            error => Err(error),
        }
    }

    /// The next thing that Firefox says: its length, a colon, JSON.
    async fn hears(&mut self) -> std::io::Result<Value> {
        let mut length = 0;
        loop {
            match self.stream.read_u8().await? {
                b':' => break,
                digit => length = length * 10 + usize::from(digit - b'0'),
            }
        }
        let mut text = vec![0; length];
        self.stream.read_exact(&mut text).await?;
        Ok(serde_json::from_slice(&text)?)
    }
}

#[async_trait]
impl HttpClient for Marionette {
    async fn send(&self, request: Request<Body<'_>>) -> WebDriverResult<Response<Bytes>> {
        let (head, body) = request.into_parts();
        let mut parameters = match body {
            Body::Json(Value::Object(body)) => body.clone(),
            _ => serde_json::Map::new(),
        };
        let path = head.uri.path().trim_matches('/');
        let mut words: Vec<&str> = path.split('/').skip(2).collect();
        let command = if words.is_empty() {
            parameters.clear();
            "WebDriver:NewSession"
        } else {
            if words[0] == "element" && words.len() > 1 {
                let element = std::mem::replace(&mut words[1], "*");
                let name = if words[2].starts_with("element") {
                    "element"
                } else {
                    "id"
                };
                parameters.insert(name.to_owned(), json!(element));
            }
            // A frame is named by its element; none is the page around all frames.
            if words == ["frame"]
                && let Some(element) = parameters["id"].as_object()
            {
                let element = element.values().next().cloned().unwrap_or_default();
                parameters = serde_json::Map::from_iter([("element".to_owned(), element)]);
            }
            let asked = format!("{} {}", head.method, words.join("/"));
            let known = HashMap::from(COMMANDS).get(asked.as_str()).copied();
            known.unwrap_or_else(|| panic!("add to the commands of Marionette: {asked}"))
        };
        let answer = self.0.lock().await.asks(command, parameters.into()).await;
        let (status, value) = match answer {
            Ok(value) => (200, value),
            Err(error) => (400, error),
        };
        let body = Bytes::from(json!({ "value": value }).to_string());
        Ok(Response::builder().status(status).body(body).unwrap())
    }

    async fn new(&self) -> Arc<dyn HttpClient> {
        Arc::new(self.clone())
    }
}
