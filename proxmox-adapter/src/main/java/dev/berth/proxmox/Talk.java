package dev.berth.proxmox;

import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A conversation with one endpoint. For one thread. */
final class Talk {
    /** Who answers, and whether it has quorum. */
    static final String STATUS = "/cluster/status";

    private final Api api;
    private final Peer peer;
    private @Nullable String local;
    private boolean written;

    /** What the cluster says of one guest id. */
    enum Taken {
        FREE,
        TAKEN
    }

    Talk(Api api, URI endpoint) {
        this.api = api;
        this.peer = new Peer(endpoint);
    }

    // ------------------------------------------------------------------ requests

    Answer get(String path) throws InterruptedException {
        return api.send(peer, "GET", path, null, Api.Until.EVER);
    }

    /** Asks several questions at once; those without an answer in time are not in the map. */
    Map<String, Answer> getAll(List<String> paths, Duration span) throws InterruptedException {
        return api.sendAll(peer, paths, span);
    }

    Answer post(String path, Map<String, String> form) throws InterruptedException {
        return write("POST", path, encoded(form));
    }

    Answer put(String path, Map<String, String> form) throws InterruptedException {
        return write("PUT", path, encoded(form));
    }

    /** As {@link #post}, unless it is too late by then. */
    Answer post(String path, Map<String, String> form, Api.Until until) throws InterruptedException {
        return write("POST", path, encoded(form), until);
    }

    /** A DELETE takes its parameters in the query: with a body it is refused. Not sent where it is too late by then. */
    Answer delete(String path, Map<String, String> query, Api.Until until) throws InterruptedException {
        return write("DELETE", query.isEmpty() ? path : path + "?" + encoded(query), null, until);
    }

    private Answer write(String method, String path, @Nullable String form) throws InterruptedException {
        return write(method, path, form, Api.Until.EVER);
    }

    private Answer write(String method, String path, @Nullable String form, Api.Until until)
            throws InterruptedException {
        boolean before = written;
        written = true;
        try {
            return api.send(peer, method, path, form, until);
        } catch (Trouble failure) {
            if (!failure.fault().mayHaveHappened()) {
                written = before;
            }
            throw failure;
        }
    }

    /** Whether something may have been changed in this conversation. */
    boolean hasWritten() {
        return written;
    }

    private static String encoded(Map<String, String> fields) {
        return fields.entrySet().stream()
                .map(field -> encoded(field.getKey()) + "=" + encoded(field.getValue()))
                .collect(Collectors.joining("&"));
    }

    /** As a part of a path, a query or a form. */
    static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    static String node(String node) {
        return "/nodes/" + encoded(node);
    }

    static String guest(String node, GuestType type, int number) {
        return node(node) + "/" + type.word() + "/" + number;
    }

    // ------------------------------------------------------------------ what every verdict needs

    /**
     * Makes sure that the endpoint speaks for the cluster: it has quorum, and it is the same node as before.
     *
     * @throws Trouble if it does not, or does not say so
     */
    ClusterStatus cluster() throws InterruptedException {
        return quorate(status());
    }

    /** As {@link #cluster()}, of an answer that came with others. */
    ClusterStatus cluster(Answer answer) {
        return quorate(status(answer));
    }

    private static ClusterStatus quorate(ClusterStatus status) {
        if (!status.quorate()) {
            throw Trouble.ill("node " + status.local() + " has no quorum, so what it says may be long past");
        }
        return status;
    }

    /**
     * Makes sure at the end of a conversation that one node alone has spoken, and for the cluster. Asked twice in a row, a
     * balancer that takes turns gives itself away, however many nodes it has.
     *
     * @throws Trouble if it has not, or does not say so
     */
    ClusterStatus conclude() throws InterruptedException {
        var unused = cluster();
        return cluster();
    }

    /** As {@link #cluster}, whether it has quorum or not. */
    ClusterStatus status() throws InterruptedException {
        return status(get(STATUS));
    }

    private ClusterStatus status(Answer answer) {
        if (answer.status() == 401 || answer.status() == 403) {
            throw Trouble.rejected(answer.text() + "; the credentials need Sys.Audit on /");
        }
        ClusterStatus status = ClusterStatus.of(
                answer.goodOr(() -> Trouble.ill(answer.text() + ": the node cannot speak for its cluster")));
        if (status.cluster().isPresent()) {
            api.noteCluster();
        } else if (api.isKnownToBeClustered() || status.online().size() > 1) {
            throw Trouble.ill("node " + status.local() + " says that it stands alone, and belongs to a cluster:"
                    + " several endpoints are named, or it said so before");
        }
        if (local != null && !local.equals(status.local())) {
            throw Trouble.unanswered(
                    "through one endpoint first " + local + " answered and then " + status.local()
                            + "; name the nodes themselves instead of a load balancer",
                    null);
        }
        local = status.local();
        return status;
    }

    /**
     * Asks whether an id is taken in the cluster, by whomever: the one question that no right is needed for. Only an answer
     * that says it with the id itself counts.
     */
    Taken taken(int number) throws InterruptedException {
        Answer answer = get("/cluster/nextid?vmid=" + number);
        if (answer.isGood() && answer.data().asString("").equals(Integer.toString(number))) {
            return Taken.FREE;
        }
        if (answer.status() == 400 && answer.errors().containsKey("vmid")) {
            return Taken.TAKEN;
        }
        throw Trouble.unanswered(answer.text() + ": it does not say whether " + number + " is free", null);
    }
}
