//! An issuer for the tests: it publishes its keys over HTTP on this machine, and signs what it is
//! told to.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::pkcs8::EncodePrivateKey as _;
use ed25519_dalek::{Signer as _, SigningKey};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use visits_core::Timestamp;
use visits_runtime::auth::{Identity, Issuer, OutsideIssuer, Verifier};

pub const DISCOVERY: &str = "/.well-known/openid-configuration";
pub const KEYS: &str = "/keys";

/// What is at which path: a status and a document.
type Documents = Arc<Mutex<BTreeMap<String, (u16, Value)>>>;

/// The issuer, reachable until it is dropped.
pub struct Publisher {
    pub address: String,
    documents: Documents,
    asked: Arc<Mutex<Vec<String>>>,
    serving: tokio::task::JoinHandle<()>,
}

impl Drop for Publisher {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Publisher {
    /// One that publishes the key with the id `1`.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("port");
        let address = format!("http://{}", listener.local_addr().expect("address"));
        let (documents, asked) = (Documents::default(), Arc::default());
        let serving = tokio::spawn(serve(listener, documents.clone(), Arc::clone(&asked)));
        let publisher = Self {
            address: address.clone(),
            documents,
            asked,
            serving,
        };
        let keys_at = format!("{address}{KEYS}");
        publisher.put(DISCOVERY, json!({"issuer": address, "jwks_uri": keys_at}));
        publisher.publish(&[1]);
        publisher
    }

    pub fn put(&self, path: &str, document: Value) {
        lock(&self.documents).insert(path.to_owned(), (200, document));
    }

    /// Answers nothing but 500 from now on.
    pub fn break_down(&self) {
        for (status, _) in lock(&self.documents).values_mut() {
            *status = 500;
        }
    }

    pub fn recover(&self) {
        for (status, _) in lock(&self.documents).values_mut() {
            *status = 200;
        }
    }

    /// Publishes these keys and no others.
    pub fn publish(&self, ids: &[u8]) {
        let keys: Vec<_> = ids.iter().map(|id| public(*id)).collect();
        self.put(KEYS, json!({"keys": keys}));
    }

    /// How often the keys were asked for.
    pub fn looks(&self) -> usize {
        let asked = lock(&self.asked);
        asked.iter().filter(|path| *path == KEYS).count()
    }

    /// The section `identity` for this issuer.
    pub fn identity(&self) -> Identity {
        let section = json!({
            "issuer": self.address, "ca": "", "audience": "visits", "algorithm": "EdDSA",
            "token_type": "at+jwt", "principal_claim": "sub", "roles_claim": "roles",
            "roles": {
                "hmi": ["inspector"], "duty_desk": ["desk"], "regional_director": ["rd"],
                "scheduler": [], "publisher": [], "researcher": [], "auditor": [], "operator": [],
            },
        });
        serde_json::from_value(section).expect("a section")
    }

    /// A service that believes this issuer about people, and its own key about services.
    pub fn verifier(&self) -> Verifier {
        self.verifier_with(self.identity())
    }

    pub fn verifier_with(&self, identity: Identity) -> Verifier {
        let people = OutsideIssuer::new(identity).expect("an issuer");
        Verifier::new([own().trusted()]).with_people_from(Some(people))
    }

    /// The claims of a good token.
    pub fn claims(&self) -> Value {
        let at = now().as_second();
        json!({
            "iss": self.address, "aud": "visits", "sub": "HMI-001", "roles": ["inspector"],
            "iat": at, "nbf": at, "exp": at + 600, "jti": "1", "client_id": "console",
        })
    }

    pub fn token(&self) -> String {
        signed(&head(), &self.claims(), 1)
    }
}

/// The issuer of the services' own tokens.
pub fn own() -> Issuer {
    Issuer::from_seed(&[99; 32]).expect("an issuer")
}

pub fn now() -> Timestamp {
    "2026-11-25T12:00:00Z".parse().expect("instant")
}

/// The head of a good token.
pub fn head() -> Value {
    json!({"alg": "EdDSA", "typ": "at+jwt", "kid": "1"})
}

/// A token with this head and these claims, truly signed with the key of that id.
pub fn signed(head: &Value, claims: &Value, id: u8) -> String {
    let text = unsigned(head, claims);
    let signature = key(id).sign(text.as_bytes()).to_bytes();
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// What is signed of a token.
pub fn unsigned(head: &Value, claims: &Value) -> String {
    let [head, claims] = [head, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
    format!("{head}.{claims}")
}

pub fn key(id: u8) -> SigningKey {
    SigningKey::from_bytes(&[id; 32])
}

/// A key as it is published.
pub fn public(id: u8) -> Value {
    let x = URL_SAFE_NO_PAD.encode(key(id).verifying_key().to_bytes());
    json!({"kty": "OKP", "crv": "Ed25519", "use": "sig", "kid": id.to_string(), "x": x})
}

/// The same key as a program would load it.
pub fn der(id: u8) -> Vec<u8> {
    key(id).to_pkcs8_der().expect("der").as_bytes().to_vec()
}

async fn serve(listener: TcpListener, documents: Documents, asked: Arc<Mutex<Vec<String>>>) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(answer(stream, documents.clone(), Arc::clone(&asked)));
    }
}

async fn answer(mut stream: TcpStream, documents: Documents, asked: Arc<Mutex<Vec<String>>>) {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        if stream.read(&mut byte).await.unwrap_or(0) == 0 {
            return;
        }
        request.extend(byte);
    }
    let request = String::from_utf8_lossy(&request);
    let path = request.split(' ').nth(1).unwrap_or_default().to_owned();
    let (status, body) = lock(&documents)
        .get(&path)
        .cloned()
        .unwrap_or((404, Value::Null));
    lock(&asked).push(path);
    let body = body.to_string();
    let length = body.len();
    let text = format!(
        "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\
         Connection: close\r\n\r\n{body}"
    );
    let _ = stream.write_all(text.as_bytes()).await;
}

fn lock<T>(shared: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
