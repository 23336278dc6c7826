//! Every `tidewatch` command that the documentation shows is run.

use crate::program::root;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// Commands of the fenced `console` blocks of one page: lines that begin with `$ `.
fn commands(page: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut inside = false;
    for line in page.lines() {
        if line.starts_with("```") {
            inside = !inside && line.trim_end() == "```console";
        } else if let (true, Some(command)) = (inside, line.strip_prefix("$ ")) {
            found.push(command.to_owned());
        }
    }
    found
}

fn pages() -> Vec<PathBuf> {
    let mut pages = vec![root().join("README.md")];
    for entry in fs::read_dir(root().join("docs")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|e| e == "md") {
            pages.push(path);
        }
    }
    pages.sort();
    pages
}

#[test]
fn every_command_in_the_documentation_runs() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["sample-data", "pipelines", "docs"] {
        std::os::unix::fs::symlink(root().join(name), folder.path().join(name)).unwrap();
    }
    let program = PathBuf::from(env!("CARGO_BIN_EXE_tidewatch"));
    let search_path = format!(
        "{}:{}",
        program.parent().unwrap().display(),
        std::env::var("PATH").unwrap()
    );
    let mut ran = 0;
    for page in pages() {
        for command in commands(&fs::read_to_string(&page).unwrap()) {
            if !command.starts_with("tidewatch ") {
                // `make demo` and `make test` are run by .ci/run itself.
                assert!(
                    command.starts_with("make "),
                    "{}: {command}",
                    page.display()
                );
                continue;
            }
            let output = Command::new("sh")
                .args(["-c", &command])
                .current_dir(folder.path())
                .env("PATH", &search_path)
                .output()
                .unwrap();
            assert!(
                output.status.success(),
                "{}: {command}\n{}",
                page.display(),
                String::from_utf8_lossy(&output.stderr)
            );
            ran += 1;
        }
    }
    assert!(ran >= 8, "only {ran} commands were found");
}

#[test]
fn commands_are_taken_from_console_blocks_alone() {
    let page = "```console\n$ tidewatch a\nout\n$ make demo\n```\n```\n$ tidewatch b\n```\n";
    assert_eq!(commands(page), ["tidewatch a", "make demo"]);
}

/// Words of a list in brackets as YAML writes it on one line.
fn words(list: &str) -> Vec<String> {
    list.trim()
        .trim_start_matches('[')
        .trim_end_matches(']')
        .split(", ")
        .map(|word| word.trim_matches('"').to_owned())
        .collect()
}

#[test]
fn compose_yaml_calls_the_program_by_options_that_it_has() {
    let text = fs::read_to_string(root().join("compose.yaml")).unwrap();
    let mut ran = Vec::new();
    for part in text.split("image: tidewatch").skip(1) {
        let line = part
            .lines()
            .find_map(|line| line.trim().strip_prefix("command: "));
        let command = words(line.expect("a service of ours has a command"));
        // Options that are not known are told of before the help that ends the line.
        let output = Command::new(env!("CARGO_BIN_EXE_tidewatch"))
            .args(&command)
            .arg("--help")
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{command:?}: {told}");
        ran.push(command[0].clone());
    }
    assert_eq!(ran, ["run", "serve"]);
}
