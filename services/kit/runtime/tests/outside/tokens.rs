//! X27: each way to get a token wrong.

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use visits_core::{Actor, ErrorKind, Role, SignedDuration};

use crate::publisher::{Publisher, der, head, key, now, own, public, signed, unsigned};

/// `target` with these members changed; null takes one away.
fn with(mut target: Value, changes: Value) -> Value {
    let members = target.as_object_mut().expect("an object");
    let Value::Object(changes) = changes else {
        panic!("{changes} is no object");
    };
    for (name, value) in changes {
        if value.is_null() {
            members.remove(&name);
        } else {
            members.insert(name, value);
        }
    }
    target
}

#[tokio::test]
async fn r16_a_token_of_the_issuer_speaks_for_its_bearer_in_the_roles_it_gives() {
    let issuer = Publisher::start().await;
    let verifier = issuer.verifier();
    let believed = verifier.admit(&issuer.token(), now()).await.expect("good");
    assert_eq!(believed.actor, Actor::new("HMI-001", Role::Hmi));
    let ends = now() + SignedDuration::from_secs(605);
    assert_eq!(believed.ends, ends);
    for (what, head_of, claims) in [
        (
            "a list of audiences",
            json!({}),
            json!({"aud": ["other", "visits"]}),
        ),
        (
            "no nbf, as RFC 9068 has it",
            json!({}),
            json!({"nbf": null}),
        ),
        (
            "one role as a text",
            json!({}),
            json!({"roles": "inspector"}),
        ),
        (
            "other words beside",
            json!({}),
            json!({"roles": ["staff", "inspector", 7]}),
        ),
        (
            "the type spelt out",
            json!({"typ": "application/AT+JWT"}),
            json!({}),
        ),
        (
            "within the leeway",
            json!({}),
            json!({"exp": now().as_second() - 4}),
        ),
    ] {
        let token = signed(&with(head(), head_of), &with(issuer.claims(), claims), 1);
        let believed = verifier.admit(&token, now()).await.expect(what);
        assert_eq!(believed.actor.principal, "HMI-001", "{what}");
    }
    let both = with(issuer.claims(), json!({"roles": ["rd", "desk", "rd"]}));
    let believed = verifier.admit(&signed(&head(), &both, 1), now()).await;
    let roles = believed.expect("good").actor.roles;
    assert_eq!(roles, [Role::DutyDesk, Role::RegionalDirector]);
}

#[tokio::test]
async fn r16_roles_and_code_are_found_where_the_settings_say() {
    let issuer = Publisher::start().await;
    let mut identity = issuer.identity();
    identity.roles_claim = "realm_access.roles".to_owned();
    identity.principal_claim = "https://id.example.org/code".to_owned();
    let verifier = issuer.verifier_with(identity);
    let claims = json!({
        "sub": "8f1c", "roles": ["desk"], "realm_access": {"roles": ["inspector"]},
        "https://id.example.org/code": "HMI-002",
    });
    let token = signed(&head(), &with(issuer.claims(), claims), 1);
    let believed = verifier.admit(&token, now()).await.expect("good");
    assert_eq!(believed.actor, Actor::new("HMI-002", Role::Hmi));
}

#[tokio::test]
async fn x27_a_token_with_a_wrong_head_is_refused() {
    let issuer = Publisher::start().await;
    let verifier = issuer.verifier();
    verifier.admit(&issuer.token(), now()).await.expect("good");
    let bad = [
        ("no kid", json!({"kid": null})),
        ("an empty kid", json!({"kid": ""})),
        ("a kid that nobody has", json!({"kid": "2"})),
        ("a kid that is a number", json!({"kid": 1})),
        ("no type", json!({"typ": null})),
        ("an ID token's type", json!({"typ": "JWT"})),
        ("a logout token's type", json!({"typ": "logout+jwt"})),
        ("no algorithm", json!({"alg": null})),
        ("algorithm none", json!({"alg": "none"})),
        ("algorithm None", json!({"alg": "None"})),
        ("another algorithm", json!({"alg": "RS256"})),
        ("a shared secret's algorithm", json!({"alg": "HS256"})),
        (
            "keys from elsewhere",
            json!({"jku": "https://evil.example/keys"}),
        ),
        (
            "a certificate from elsewhere",
            json!({"x5u": "https://evil.example/c"}),
        ),
        ("a certificate brought along", json!({"x5c": ["MIIB"]})),
        ("a key brought along", json!({"jwk": public(1)})),
        ("what must be understood", json!({"crit": ["exp"]})),
    ];
    for (what, changes) in bad {
        let token = signed(&with(head(), changes), &issuer.claims(), 1);
        let fault = verifier.admit(&token, now()).await.expect_err(what);
        assert_eq!(fault.reason, "TOKEN_INVALID", "{what}");
    }
}

#[tokio::test]
async fn x27_a_token_with_wrong_claims_is_refused() {
    let issuer = Publisher::start().await;
    let verifier = issuer.verifier();
    verifier.admit(&issuer.token(), now()).await.expect("good");
    let at = now().as_second();
    let invalid = "TOKEN_INVALID";
    let bad = [
        ("expired", json!({"exp": at - 5}), "TOKEN_EXPIRED"),
        ("long expired", json!({"exp": 0}), "TOKEN_EXPIRED"),
        (
            "before its time",
            json!({"nbf": at + 6}),
            "TOKEN_NOT_YET_VALID",
        ),
        (
            "issued tomorrow",
            json!({"iat": at + 86_400}),
            "TOKEN_NOT_YET_VALID",
        ),
        ("no end", json!({"exp": null}), invalid),
        ("no issue", json!({"iat": null}), invalid),
        ("no issuer", json!({"iss": null}), invalid),
        ("no audience", json!({"aud": null}), invalid),
        ("no subject", json!({"sub": null}), invalid),
        ("no roles", json!({"roles": null}), invalid),
        (
            "an end that is a text",
            json!({"exp": (at + 600).to_string()}),
            invalid,
        ),
        (
            "a begin that is a text",
            json!({"nbf": at.to_string()}),
            invalid,
        ),
        (
            "an issue that is a text",
            json!({"iat": at.to_string()}),
            invalid,
        ),
        ("an end that is a fraction", json!({"exp": 1e300}), invalid),
        (
            "another issuer",
            json!({"iss": "https://evil.example"}),
            invalid,
        ),
        (
            "nearly the issuer",
            json!({"iss": format!("{}/", issuer.address)}),
            invalid,
        ),
        ("another audience", json!({"aud": "letters"}), invalid),
        ("an empty audience", json!({"aud": []}), invalid),
        (
            "an audience that only begins alike",
            json!({"aud": "visits-console"}),
            invalid,
        ),
        (
            "bound to a certificate",
            json!({"cnf": {"x5t#S256": "0"}}),
            invalid,
        ),
        ("bound to a key", json!({"cnf": {"jkt": "0"}}), invalid),
        ("no role of ours", json!({"roles": ["staff"]}), invalid),
        (
            "our name of a role, which is not the issuer's",
            json!({"roles": ["hmi"]}),
            invalid,
        ),
        ("a service", json!({"roles": ["service"]}), invalid),
        (
            "roles that are no list",
            json!({"roles": {"inspector": true}}),
            invalid,
        ),
        (
            "an address as code",
            json!({"sub": "jane@example.org"}),
            invalid,
        ),
        (
            "a service's code",
            json!({"sub": "service:escalation"}),
            invalid,
        ),
        ("an empty code", json!({"sub": ""}), invalid),
        (
            "a code that is too long",
            json!({"sub": "a".repeat(64)}),
            invalid,
        ),
        ("a code that is a number", json!({"sub": 1}), invalid),
    ];
    for (what, changes, reason) in bad {
        let token = signed(&head(), &with(issuer.claims(), changes), 1);
        let fault = verifier.admit(&token, now()).await.expect_err(what);
        assert_eq!(fault.reason, reason, "{what}");
        assert_eq!(fault.kind, ErrorKind::Unauthenticated, "{what}");
    }
}

#[tokio::test]
async fn x27_a_token_that_the_issuer_did_not_sign_is_refused() {
    let issuer = Publisher::start().await;
    let verifier = issuer.verifier();
    let good = issuer.token();
    verifier.admit(&good, now()).await.expect("good");
    let claims = issuer.claims();
    let (text, signature) = good.rsplit_once('.').expect("three parts");
    let raised = with(claims.clone(), json!({"roles": ["rd"]}));
    // The public key, which everybody has, as the secret.
    let secret = EncodingKey::from_secret(&key(1).verifying_key().to_bytes());
    let mut symmetric = Header::new(Algorithm::HS256);
    (symmetric.kid, symmetric.typ) = (Some("1".to_owned()), Some("at+jwt".to_owned()));
    let symmetric = jsonwebtoken::encode(&symmetric, &claims, &secret).expect("signed");
    let mut brought = Header::new(Algorithm::EdDSA);
    (brought.kid, brought.typ) = (Some("2".to_owned()), Some("at+jwt".to_owned()));
    let stranger = EncodingKey::from_ed_der(&der(2));
    let stranger = jsonwebtoken::encode(&brought, &claims, &stranger).expect("signed");
    let none = unsigned(&with(head(), json!({"alg": "none"})), &claims);
    let long = with(claims.clone(), json!({"more": "a".repeat(1024 * 1024)}));
    let bad = [
        ("another key under a known id", signed(&head(), &claims, 2)),
        ("a stranger's key under its own id", stranger),
        ("a shared secret", symmetric),
        ("no signature", format!("{text}.")),
        ("two parts", text.to_owned()),
        ("four parts", format!("{good}.{signature}")),
        (
            "another's signature",
            format!("{}.{signature}", unsigned(&head(), &raised)),
        ),
        ("a shortened signature", good[..good.len() - 4].to_owned()),
        ("none at all", format!("{none}.")),
        ("a mebibyte", signed(&head(), &long, 1)),
        ("nothing", String::new()),
        ("points", "..".to_owned()),
        ("words", "not a token".to_owned()),
    ];
    for (what, token) in bad {
        let fault = verifier.admit(&token, now()).await.expect_err(what);
        assert_eq!(fault.reason, "TOKEN_INVALID", "{what}");
    }
}

#[tokio::test]
async fn r16_beside_an_issuer_for_people_our_own_key_speaks_for_services_only() {
    let issuer = Publisher::start().await;
    let verifier = issuer.verifier();
    let sign = |actor: &Actor| {
        let lifetime = SignedDuration::from_mins(1);
        own().sign(actor, lifetime, now()).expect("signed")
    };
    let service = Actor::service("letters");
    let believed = verifier.admit(&sign(&service), now()).await;
    assert_eq!(believed.expect("good").actor, service);
    for role in Role::ALL.into_iter().filter(|role| *role != Role::Service) {
        let token = sign(&Actor::new("HMI-001", role));
        let fault = verifier.admit(&token, now()).await.expect_err("refused");
        assert_eq!(fault.reason, "TOKEN_INVALID", "{role}");
    }
    let both = Actor {
        roles: vec![Role::Service, Role::Hmi],
        ..service
    };
    assert!(verifier.admit(&sign(&both), now()).await.is_err());
    assert_eq!(issuer.looks(), 0, "nobody asked the issuer for that");
}
