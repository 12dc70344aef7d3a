//! The console that `visits serve` serves beside the services.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use crate::served::{Served, folder};

fn get(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("connected");
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    answer
}

#[test]
fn serve_prints_where_the_console_is_and_a_second_process_finds_a_port_of_its_own() {
    let (first, second) = (folder(), folder());
    let mut one = Served::start(first.path(), &[]);
    let mut two = Served::start(second.path(), &[]);
    let (here, there) = (one.console(), two.console());
    assert_ne!(here, there);
    for address in [&here, &there] {
        let answer = get(address, "/");
        assert!(answer.starts_with("HTTP/1.1 303"), "{answer}");
        assert!(answer.contains("location: /sign-in"), "{answer}");
        let answer = get(address, "/sign-in");
        assert!(answer.contains("Sign in to the duty desk"), "{answer}");
    }
    assert_eq!(one.terminate(), Some(0));
    assert_eq!(two.terminate(), Some(0));
}
