//! Several nodes of one server.

use std::path::PathBuf;
use std::sync::Arc;

use super::server::LENIENT;
use super::{Server, postgres};

impl Server {
    /// Starts several nodes of one server, on a PostgreSQL database of their own.
    pub fn start_nodes(number: usize, settings: &[(&str, &str)]) -> Vec<Self> {
        let postgres = postgres::server();
        let url = postgres.url(&postgres.create("template0"));
        Self::start_nodes_on(&url, number, settings)
    }

    /// The same on the database of this address.
    pub fn start_nodes_on(url: &str, number: usize, settings: &[(&str, &str)]) -> Vec<Self> {
        let mut all: Vec<(&str, &str)> = LENIENT.iter().chain(settings).copied().collect();
        all.push(("storage.url", url));
        let shared = Arc::new(tempfile::tempdir().unwrap());
        let store = shared.path().join("files").display().to_string();
        if !settings.iter().any(|(key, _)| *key == "uploads.store") {
            all.push(("uploads.store", &store));
        }
        let mut nodes = vec![Self::start_strict(&all)];
        for _ in 1..number {
            let mut node = nodes[0].beside();
            node.launch();
            nodes.push(node);
        }
        for node in &mut nodes {
            node.shared = Some(Arc::clone(&shared));
        }
        nodes
    }

    /// Another node of the same server, with the same settings, which has not been launched.
    pub fn beside(&self) -> Self {
        self.beside_under(&[])
    }

    /// The same, started by another program, which becomes it: `script` is for `sh`, and ends with `exec "$@"`.
    pub fn beside_by(&self, script: &str) -> Self {
        self.beside_under(&["sh", "-c", script, "sh"])
    }

    fn beside_under(&self, under: &[&str]) -> Self {
        let settings = self.settings.iter();
        let settings: Vec<_> = settings.map(|(key, value)| (&**key, &**value)).collect();
        let node = Self::prepare(under, &settings);
        let key = |node: &Self| node.data().join("session.key");
        std::fs::create_dir(node.data()).unwrap();
        std::fs::copy(key(self), key(&node)).unwrap();
        node
    }

    /// Launches it where it is to be refused; what it says then.
    pub fn is_refused(&self) -> String {
        let arguments = ["serve", "--bind", "127.0.0.1:0"];
        let (code, _, err) = self.run(&arguments, "");
        assert_eq!(code, Some(1), "{err}");
        err
    }

    /// The directory in which files lie that several nodes have.
    pub fn shared(&self) -> PathBuf {
        self.shared.as_ref().unwrap().path().join("files")
    }

    /// The names of people's files below the data directory: those that come in too.
    pub fn file_names(&self) -> Vec<String> {
        let directories = std::fs::read_dir(self.data().join("files")).unwrap();
        directories
            .map(|directory| directory.unwrap().path())
            // A node leaves its name beside them.
            .filter(|directory| !directory.ends_with("nodes"))
            .flat_map(|directory| std::fs::read_dir(directory).unwrap())
            .map(|file| file.unwrap().file_name().into_string().unwrap())
            .collect()
    }
}
