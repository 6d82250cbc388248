//! The user's cache folder, as seen by this test program run again in another environment.

use std::process::Command;

use pinned_fetch::user_cache_folder;

const ROLE: &str = "PINNED_FETCH_TEST_PRINT_FOLDER";
const ENV_VAR: &str = "PINNED_FETCH_TEST_CACHE";

/// Prints the folder; does nothing unless told to by [`folder`].
#[test]
fn child() {
    if std::env::var_os(ROLE).is_some() {
        println!("{:?}", user_cache_folder("app", ENV_VAR));
    }
}

fn child_command() -> Command {
    let mut command = Command::new(std::env::current_exe().expect("a path"));
    command
        .args(["folders::child", "--exact", "--nocapture"])
        .env(ROLE, "")
        .env_remove(ENV_VAR)
        .env_remove("XDG_CACHE_HOME");
    command
}

fn folder(command: &mut Command) -> String {
    let output = command.output().expect("a process");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{text}");
    text
}

#[test]
fn the_environment_variable_names_the_folder() {
    let text = folder(child_command().env(ENV_VAR, "/somewhere/else"));
    assert!(text.contains("Ok(\"/somewhere/else\")"), "{text}");
}

#[cfg(target_os = "linux")]
#[test]
fn the_folder_is_where_the_system_keeps_caches() {
    let text = folder(child_command().env("HOME", "/home/a").env(ENV_VAR, ""));
    assert!(text.contains("Ok(\"/home/a/.cache/app\")"), "{text}");
    let text = folder(child_command().env("XDG_CACHE_HOME", "/cache"));
    assert!(text.contains("Ok(\"/cache/app\")"), "{text}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_user_without_a_home_is_told_to_set_the_variable() {
    let text = folder(child_command().env("HOME", "not/absolute"));
    assert!(text.contains("Err(NoCacheFolder"), "{text}");
    assert!(text.contains(ENV_VAR), "{text}");
}
