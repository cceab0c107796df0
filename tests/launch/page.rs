//! The commands of `docs/hosts.md` that use ssh, typed in by a new user.

use crate::rig::Rig;

#[test]
fn commands_of_the_hosts_page_run_a_tube_by_ssh() {
    let Some(rig) = Rig::with_ssh() else { return };
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let page = std::fs::read_to_string(root.join("docs/hosts.md")).unwrap();
    let tube = std::fs::read_to_string(root.join("examples/words.yaml")).unwrap();
    rig.file("words.yaml", &tube);
    let (_, section) = page
        .split_once("## Two machines by ssh, in two commands")
        .unwrap();
    let (section, _) = section.split_once("\n## ").unwrap();
    let (_, placement) = section.split_once("```yaml\n").unwrap();
    let (placement, _) = placement.split_once("```").unwrap();
    rig.file("words.placement.yaml", placement);
    let commands: Vec<&str> = section
        .lines()
        .filter_map(|line| line.strip_prefix("    noob-zmq "))
        .collect();
    let [plan, run] = *commands else {
        panic!("the section has two commands: {commands:?}");
    };
    let type_in = |line: &str| {
        // The page is followed in the directory of its files.
        let words = line.replace("words.", &rig.text("words."));
        let words: Vec<&str> = words.split(' ').collect();
        let mut command = rig.start("desk", &words);
        command.wait_for_success();
        command.stdout()
    };
    let plan = type_in(plan);
    assert!(plan.contains("lab (by ssh lab)\n  words\n"), "{plan}");
    let there = type_in(run);
    let (here, _) = run.split_once(" --placement").unwrap();
    assert_eq!(there, type_in(&format!("{here} --runner sync")));
    assert!(!there.is_empty());
    rig.assert_nothing_left("");
}
