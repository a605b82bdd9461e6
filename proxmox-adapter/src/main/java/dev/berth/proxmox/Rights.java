package dev.berth.proxmox;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** What the credentials may see and do. A list without a right is not refused but empty, so rights are asked for. */
final class Rights {
    private static final String GUESTS = "/vms";
    private static final List<Needed> ALL = List.of(
            new Needed("/", List.of("Sys.Audit")),
            new Needed(GUESTS, List.of("VM.Audit", "VM.Allocate", "VM.PowerMgmt", "VM.Config.Options")));

    /** What the settings of a container need that is made: disks, memory, host name and network, cores. */
    private static final List<Needed> CREATING = List.of(
            new Needed(GUESTS, List.of("VM.Config.Disk", "VM.Config.Memory", "VM.Config.Network", "VM.Config.CPU")));

    /** What a path needs. */
    private record Needed(String path, List<String> rights) {}

    private Rights() {}

    /** Why a listing may lack guests; empty if it cannot. That one guest alone is hidden by a rule of its own shows nowhere. */
    static List<String> gaps(Talk talk) throws InterruptedException {
        List<String> missing = missing(talk, GUESTS, List.of("VM.Audit"));
        return missing.isEmpty()
                ? List.of()
                : List.of("the credentials see only some guests, or none: " + String.join(", ", missing));
    }

    /** What is missing for all that Berth does. */
    static List<String> missing(Talk talk) throws InterruptedException {
        return missing(talk, ALL);
    }

    /** What is missing beside for guests with the usual settings to be made. */
    static List<String> missingToCreate(Talk talk) throws InterruptedException {
        return missing(talk, CREATING);
    }

    private static List<String> missing(Talk talk, List<Needed> all) throws InterruptedException {
        List<String> missing = new ArrayList<>();
        for (Needed needed : all) {
            missing.addAll(missing(talk, needed.path(), needed.rights()));
        }
        return missing;
    }

    private static List<String> missing(Talk talk, String path, List<String> needed) throws InterruptedException {
        Answer answer = talk.get("/access/permissions?path=" + Talk.encoded(path));
        JsonNode held = answer.goodOr(() -> answer.status() == 401
                        ? Trouble.of(answer.fault(Answer.Purpose.READ))
                        : Trouble.unanswered(answer.text(), null))
                .path(path);
        List<String> missing = new ArrayList<>();
        for (String right : needed) {
            JsonNode propagated = held.path(right);
            if (propagated.isMissingNode()) {
                missing.add(right + " on " + path + " is not granted");
            } else if (!path.equals("/") && !Answer.flag(propagated)) {
                missing.add(right + " on " + path + " is not granted for what is below it");
            }
        }
        return missing;
    }
}
