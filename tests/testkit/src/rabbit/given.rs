//! A broker that somebody else runs, named in the environment: virtual hosts by its management API.

use std::process::Command;

use super::new_name;

/// Makes a virtual host that the user of `url` may use, and gives its URL.
pub(super) fn new_vhost(url: &str) -> String {
    let given = Given::read(url);
    let name = new_name();
    given.put(&format!("vhosts/{name}"), "{}");
    let all = r#"{"configure": ".*", "write": ".*", "read": ".*"}"#;
    given.put(&format!("permissions/{name}/{}", given.user), all);
    format!("{}/{name}", url.trim_end_matches('/'))
}

struct Given {
    user: String,
    password: String,
    management: String,
}

impl Given {
    fn read(url: &str) -> Self {
        let unfit = "VISITS_TEST_RABBITMQ_URL must be amqp://user:password@host:port";
        let rest = url.strip_prefix("amqp://").expect(unfit);
        let (login, address) = rest.trim_end_matches('/').split_once('@').expect(unfit);
        let (user, password) = login.split_once(':').expect(unfit);
        assert!(!address.contains('/'), "{unfit}");
        let host = address.split(':').next().unwrap_or(address);
        let management = std::env::var("VISITS_TEST_RABBITMQ_MANAGEMENT_URL")
            .unwrap_or_else(|_| format!("http://{host}:15672"));
        Self {
            user: user.to_owned(),
            password: password.to_owned(),
            management: management.trim_end_matches('/').to_owned(),
        }
    }

    fn put(&self, what: &str, body: &str) {
        let address = format!("{}/api/{what}", self.management);
        let output = Command::new("curl")
            .args(["--silent", "--show-error", "--fail", "--request", "PUT"])
            .args(["--user", &format!("{}:{}", self.user, self.password)])
            .args(["--header", "content-type: application/json", "--data", body])
            .arg(&address)
            .output()
            .unwrap_or_else(|error| panic!("can't run curl: {error}"));
        assert!(
            output.status.success(),
            "PUT {address}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
}
