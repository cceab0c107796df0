//! The plan of a run over agents.

use crate::rig::Rig;
use crate::tubes::CHAIN;

#[test]
fn plan_has_the_targets_of_ssh_and_the_command_of_an_agent() {
    let rig = Rig::new();
    rig.placed(&CHAIN, ["{ssh: me@lab, nice: 3}", ""]);
    let (tube, placement) = (rig.text("tube.yaml"), rig.text("p.yaml"));
    let words = ["plan", &tube, "--placement", &placement, "--plain"];
    let mut plan = rig.start("desk", &words);
    plan.end();
    let said = plan.stdout();
    for part in [
        "lab (by ssh me@lab)\n  twice  nice 3\n",
        "roof\n  four\n",
        &format!("desk$ noob-zmq run {tube} --placement {placement} --listen ADDRESS --plain\n"),
        "roof$ noob-zmq agent --join ADDRESS --plain --name roof\n",
    ] {
        assert!(said.contains(part), "`{part}` is not in\n{said}");
    }
    assert!(!said.contains("lab$"), "{said}");
    rig.placed(&CHAIN, ["{ssh: lab}", "{ssh: roof}"]);
    let mut plan = rig.start("desk", &words);
    plan.end();
    let run = format!("desk$ noob-zmq run {tube} --placement {placement}\n");
    assert!(plan.stdout().contains(&run), "{}", plan.stdout());
}
