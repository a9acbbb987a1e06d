//! The addresses of the server as the code has them, so that a new one is tried without anybody
//! thinking of it.

use std::path::Path;

/// Every route of `src/web/`, however it breaks its lines: method and path. What `get_route()` makes,
/// which answers HEAD too, is a GET.
pub fn routes() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/web");
    let files = std::fs::read_dir(folder).unwrap();
    let files = files.map(|file| file.unwrap().path());
    let sources = files.filter(|file| file.extension().is_some_and(|kind| kind == "rs"));
    let mut routes: Vec<_> = sources
        .flat_map(|file| of_source(&std::fs::read_to_string(file).unwrap()))
        .collect();
    routes.sort();
    routes
}

fn of_source(source: &str) -> Vec<(String, String)> {
    let table: String = source.split_whitespace().collect();
    let routes = table.split(".route(\"").skip(1);
    let read = |route: &str| {
        let (path, rest) = route.split_once('"').unwrap();
        let made = rest.split(".to(").next().unwrap();
        let method = match made.trim_start_matches(',') {
            "get_route()" | "web::get()" => "GET",
            "web::post()" => "POST",
            "web::put()" => "PUT",
            "web::patch()" => "PATCH",
            "web::delete()" => "DELETE",
            "web::head()" => "HEAD",
            "options_method()" => "OPTIONS",
            other => panic!("{path} has {other}"),
        };
        (method.to_owned(), path.to_owned())
    };
    routes.map(read).collect()
}
