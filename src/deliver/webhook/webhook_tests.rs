//! A webhook seen from its receiver.

#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

use super::*;
use crate::deliver::tls;
use std::sync::Mutex;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

fn parcel() -> Parcel {
    Parcel {
        message_id: "alert-1.r1".into(),
        rule: "rule-1".into(),
        content_type: "application/json".into(),
        body: b"{}".to_vec(),
        attributes: vec![("subject", "a \"b\" ü".into())],
        tlp: "TLP:GREEN",
        expires: now(),
        traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".into(),
    }
}

fn now() -> Timestamp {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

fn loopback() -> Arc<AddressGuard> {
    Arc::new(AddressGuard {
        allowed: vec!["127.0.0.0/8".parse().unwrap()],
    })
}

fn secret() -> Vec<Secret> {
    vec![secret_from(&[7; 32]).unwrap()]
}

/// Answers one connection after the other with `answer`; gives its address and the requests it read.
async fn receiver(answer: String) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&seen);
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let mut bytes = vec![0; 65_536];
            let read = socket.read(&mut bytes).await.unwrap();
            let text = String::from_utf8_lossy(&bytes[..read]).into_owned();
            log.lock().unwrap().push(text);
            socket.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    (url, seen)
}

fn head(status: &str, more: &str) -> String {
    format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n{more}\r\n")
}

async fn answer_to(status: &str, more: &str) -> Answer {
    tls::use_ring();
    let (url, _) = receiver(head(status, more)).await;
    let hook = Webhook::new(&url, &secret(), loopback()).unwrap();
    hook.send(&parcel(), now()).await
}

#[tokio::test]
async fn an_attempt_carries_id_time_signature_and_trace() {
    tls::use_ring();
    let (url, seen) = receiver(head("204 No Content", "")).await;
    let hook = Webhook::new(&url, &secret(), loopback()).unwrap();
    assert_eq!(
        hook.send(&parcel(), now()).await,
        Answer::Delivered("204".into())
    );
    let request = seen.lock().unwrap()[0].clone();
    let signature = signature::sign(&secret(), ("alert-1.r1", 1_772_366_400), b"{}").unwrap();
    for line in [
        "POST /hook HTTP/1.1".to_owned(),
        "webhook-id: alert-1.r1".into(),
        "webhook-timestamp: 1772366400".into(),
        format!("webhook-signature: {signature}"),
        "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".into(),
        "ce-subject: a%20%22b%22%20%C3%BC".into(),
        "content-type: application/json".into(),
    ] {
        assert!(request.lines().any(|l| l == line), "{line}\n{request}");
    }
}

#[tokio::test]
async fn only_2xx_is_a_delivery_and_other_answers_say_whose_fault_it_is() {
    assert_eq!(
        answer_to("202 Accepted", "").await,
        Answer::Delivered("202".into())
    );
    assert_eq!(answer_to("410 Gone", "").await, Answer::Gone("410".into()));
    assert_eq!(
        answer_to("400 Bad Request", "").await,
        Answer::Refused("400".into())
    );
    assert_eq!(answer_to("500 Oops", "").await, Answer::endpoint("500"));
    let wait = |seconds| Answer::Endpoint {
        status: "503".into(),
        wait: Some(Duration::from_secs(seconds)),
    };
    assert_eq!(
        answer_to("503 Busy", "retry-after: 120\r\n").await,
        wait(120)
    );
    let date = "retry-after: Sun, 01 Mar 2026 12:01:00 GMT\r\n";
    assert_eq!(answer_to("503 Busy", date).await, wait(60));
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let (elsewhere, seen) = receiver(head("200 OK", "")).await;
    let answer = answer_to("307 Go", &format!("location: {elsewhere}\r\n")).await;
    assert_eq!(answer, Answer::endpoint("307"));
    assert!(seen.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_private_address_is_not_called_by_number_nor_by_name() {
    tls::use_ring();
    let (url, seen) = receiver(head("200 OK", "")).await;
    let port = url.split(':').nth(2).unwrap().to_owned();
    for host in [
        "127.0.0.1",
        "localhost",
        "[::1]",
        "2130706433",
        "0x7f.1",
        "[::ffff:127.0.0.1]",
    ] {
        let url = format!("http://{host}:{port}");
        let hook = Webhook::new(&url, &secret(), Arc::default()).unwrap();
        let Answer::Endpoint { status, .. } = hook.send(&parcel(), now()).await else {
            unreachable!("{host} was called");
        };
        assert!(status.contains("no public address"), "{host}: {status}");
    }
    assert!(seen.lock().unwrap().is_empty());
}

#[test]
fn an_address_with_a_password_or_another_scheme_is_refused() {
    for bad in [
        "ftp://a/",
        "https://u:p@a/",
        "a",
        "file:///etc/passwd",
        "http://",
    ] {
        assert!(webhook_url(bad).is_err(), "{bad}");
    }
    assert!(webhook_url("https://partner.example/hook?x=1").is_ok());
    let error = webhook_url("https://u:hunter2@a/").unwrap_err();
    assert!(
        !format!("{error} {error:?}").contains("hunter2"),
        "{error:?}"
    );
}
