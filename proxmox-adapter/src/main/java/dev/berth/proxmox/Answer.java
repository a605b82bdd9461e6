package dev.berth.proxmox;

import dev.berth.runtime.Fault;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.MissingNode;

/**
 * One answer of the API. Its texts are for people only: before libpve-http-server-perl 5.2.0 (PVE 8.4) there are none, so
 * nothing is decided by them.
 *
 * @param status the HTTP status; 595 to 599 are the proxy's own
 * @param data the envelope's {@code data}, a missing node if there is none
 * @param errors what is wrong with which parameter
 * @param text what was asked and answered, in one line for people
 */
record Answer(int status, JsonNode data, Map<String, String> errors, String text) {
    private static final JsonMapper MAPPER = JsonMapper.shared();
    private static final int LONGEST_TEXT = 500;
    private static final int OK = 200;
    private static final int BAD_REQUEST = 400;
    private static final int NO_SUCH_METHOD = 501;
    /** AnyEvent::HTTP's codes: no connection; connected, no whole answer. */
    private static final int NO_CONNECTION = 595;

    /** Whether a request only asks, or changes something. */
    enum Purpose {
        READ,
        WRITE
    }

    static Answer of(String asked, int status, byte[] body) {
        JsonNode whole = read(body);
        var errors = new TreeMap<String, String>();
        whole.path("errors").forEachEntry((name, value) -> errors.put(name, value.asString("")));
        String message = whole.path("message").asString("").strip();
        String text = asked + " answered " + status + (message.isEmpty() ? "" : ": " + message)
                + (errors.isEmpty() ? "" : " " + errors);
        JsonNode data = whole.isObject() ? whole.path("data") : MissingNode.getInstance();
        return new Answer(status, data, errors, line(text));
    }

    private static JsonNode read(byte[] body) {
        if (body.length == 0) {
            return MissingNode.getInstance();
        }
        try {
            return MAPPER.readTree(body);
        } catch (JacksonException noJson) {
            return MissingNode.getInstance();
        }
    }

    private static String line(String text) {
        String one = text.replaceAll("\\p{Cntrl}+", " ");
        return one.length() <= LONGEST_TEXT ? one : one.substring(0, LONGEST_TEXT) + "…";
    }

    /** Whether it is one of the API's own, in whole. */
    boolean isGood() {
        return status == OK && !data.isMissingNode();
    }

    /** Whether the API has refused it before anything was done. */
    boolean isRefused() {
        return status >= BAD_REQUEST && status <= NO_SUCH_METHOD && !mayHaveBegun();
    }

    /**
     * Whether it is an error of what comes after a worker was started: pve-common, RESTEnvironment.pm, {@code fork_worker} lets
     * it begin, writes it down under {@code /var/log/pve/tasks}, and fails where it cannot. Before 8.4 no text tells.
     */
    boolean mayHaveBegun() {
        return status == 500 && text.contains("/var/log/pve/tasks/");
    }

    JsonNode goodOr(Supplier<Trouble> trouble) {
        if (!isGood()) {
            throw trouble.get();
        }
        return data;
    }

    /** What it means that this was not a good answer. */
    Fault fault(Purpose purpose) {
        if (status == NO_CONNECTION) {
            return new Fault.Unreachable(text);
        }
        boolean refused = status == BAD_REQUEST || status == 401 || status == 403 || status == NO_SUCH_METHOD;
        if (refused) {
            return new Fault.Rejected(text + advice());
        }
        // Whoever answers 500 to a change has mostly done nothing yet, but what it means is for who asked to find out.
        return new Fault.Unknown(purpose == Purpose.READ ? text + ", which tells nothing" : text);
    }

    private String advice() {
        return switch (status) {
            case 401 -> "; the credentials were refused: see that they are right, enabled and not expired";
            case 403 -> "; the credentials lack a right, or what is asked for is not there";
            default -> "";
        };
    }

    // ------------------------------------------------------------------ lenient reading

    /** Booleans are 0 and 1, as numbers or texts, and sometimes booleans. */
    static boolean flag(JsonNode value) {
        return value.isBoolean() ? value.booleanValue() : value.asString("").equals("1");
    }

    /** A guest's number, which may be a number or a text; -1 if it is neither, or no guest can have it. */
    static int number(JsonNode value) {
        String text = value.isIntegralNumber() || value.isString() ? value.asString("") : "";
        return GuestRef.number(text).orElse(-1);
    }

    static String text(JsonNode row, String key) {
        return row.path(key).asString("");
    }
}
