//! `tidewatch partner` from outside.

use crate::program::tidewatch;

#[test]
fn a_key_is_printed_once_alone_on_standard_output_and_can_be_revoked() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.gpkg");
    let store = path.to_str().unwrap();
    let partner = |args: &[&str]| {
        let mut all = vec!["partner", "--store", store];
        all.extend(args);
        tidewatch(all)
    };
    assert_eq!(partner(&["list"]).code, 2, "there is no store yet");
    let added = partner(&["add", "jcg", "--name", "Coast Guard", "--tlp", "TLP:AMBER"]);
    assert_eq!(
        (added.code, added.stdout.as_str()),
        (0, ""),
        "{}",
        added.stderr
    );
    let key = partner(&["key", "add", "jcg", "--days", "30"]);
    assert_eq!(key.code, 0, "{}", key.stderr);
    let secret = key.stdout.trim();
    assert!(secret.starts_with("mda_") && secret.len() == 68, "{secret}");
    assert!(!key.stderr.contains(secret), "the log does not repeat it");
    let listed = partner(&["key", "list"]).stdout;
    assert!(!listed.contains(secret), "{listed}");
    let id = listed.lines().nth(1).unwrap().split('\t').next().unwrap();
    assert_eq!(partner(&["key", "revoke", id]).code, 0);
    let listed = partner(&["key", "list"]).stdout;
    assert!(!listed.lines().nth(1).unwrap().ends_with('\t'), "{listed}");
    assert_eq!(partner(&["remove", "jcg"]).code, 0);
    assert_eq!(partner(&["remove", "jcg"]).code, 2);
    assert_eq!(partner(&["key", "list"]).stdout.lines().count(), 1);
}

#[test]
fn wrong_partners_are_refused_with_what_was_expected() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.gpkg");
    let store = path.to_str().unwrap();
    for (args, expected) in [
        (["../x", "TLP:AMBER", "alerts"], "lower-case letters"),
        (["public", "TLP:AMBER", "alerts"], "not `public`"),
        (["a", "SECRET", "alerts"], "TLP:AMBER+STRICT"),
        (["a", "TLP:RED", "admin"], "alerts, evidence or operations"),
    ] {
        let [id, tlp, scope] = args;
        let ran = tidewatch([
            "partner", "--store", store, "add", id, "--name", "A", "--tlp", tlp, "--scope", scope,
        ]);
        assert_eq!(ran.code, 2, "{args:?}");
        assert!(ran.stderr.contains(expected), "{args:?}: {}", ran.stderr);
    }
}
