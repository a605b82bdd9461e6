package dev.berth.proxmox;

import dev.berth.runtime.Fingerprint;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/**
 * Which cluster it is: its name, and the authority that was made when it was set up and that lasts ten years. Clusters often
 * have one name, and one that was set up anew has the same name and the same addresses; no two have one authority.
 */
final class Identity {
    private static final String AUTHORITY = "pve-root-ca.pem";
    private static final int NOT_ALLOWED = 403;
    private static final int NO_SUCH_PATH = 501;

    private Identity() {}

    static Fingerprint of(Talk talk) throws InterruptedException {
        ClusterStatus status = talk.status();
        Map<String, String> parts = new TreeMap<>();
        status.cluster().ifPresentOrElse(name -> parts.put("cluster", name), () -> parts.put("node", status.local()));
        // PVE/API2/Certificates.pm: for every user, of the node's own proxy, since 5.2.
        Answer answer = talk.get(Talk.node(status.local()) + "/certificates/info");
        boolean untold = answer.status() == NOT_ALLOWED || answer.status() == NO_SUCH_PATH;
        if (!untold) {
            JsonNode files = answer.goodOr(() -> Trouble.unanswered(answer.text(), null));
            for (JsonNode file : files) {
                String print = Answer.text(file, "fingerprint");
                if (Answer.text(file, "filename").endsWith(AUTHORITY) && !print.isEmpty()) {
                    parts.put("authority", print.replace(":", "").toLowerCase(Locale.ROOT));
                }
            }
        }
        // Each file is read by itself, and left out where that fails; a fingerprint without it would be another's for
        // ever.
        if (!untold && !parts.containsKey("authority")) {
            throw Trouble.unanswered(answer.text() + ", and does not tell the fingerprint of " + AUTHORITY, null);
        }
        return new Fingerprint(parts);
    }
}
