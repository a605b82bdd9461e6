package dev.berth.testkit.proxmox;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/**
 * A whole answer.
 *
 * @param connection the values of the {@code Connection} headers, which tell the way that the answer took
 * @param type the content type, empty for none
 * @param body the body, empty for none
 * @param delay how long the asker waits for it
 */
record Reply(int status, String reason, List<String> connection, String type, String body, Duration delay) {
    static final String JSON = "application/json;charset=UTF-8";
    private static final JsonMapper MAPPER = JsonMapper.builder().build();
    private static final List<String> CLOSE = List.of("close");

    static String json(Map<String, Object> value) {
        return MAPPER.writeValueAsString(value);
    }

    static JsonMapper mapper() {
        return MAPPER;
    }

    static Reply found(Map<String, Object> envelope, List<String> connection) {
        return new Reply(200, "OK", connection, JSON, json(envelope), Duration.ZERO);
    }

    /** Words a refusal as a node of this version does. */
    static Reply refused(Refusal refusal, ProxmoxVersion version, String format) {
        if (format.equals("extjs") && refusal.body == Refusal.Body.JSON) {
            Map<String, Object> envelope = new LinkedHashMap<>();
            envelope.put("success", 0);
            envelope.put("status", refusal.status);
            envelope.put("message", refusal.message());
            envelope.put("data", null);
            return found(envelope, List.of("Keep-Alive"));
        }
        String body = "";
        String type = "";
        if (refusal.body == Refusal.Body.JSON) {
            Map<String, Object> envelope = new LinkedHashMap<>();
            envelope.put("data", null);
            if (version.tellsErrorsInBody()) {
                envelope.put("message", refusal.message());
            }
            if (!refusal.errors.isEmpty()) {
                envelope.put("errors", refusal.errors);
            }
            body = json(envelope);
            type = JSON;
        } else if (refusal.body == Refusal.Body.TEXT && version.tellsErrorsInBody()) {
            body = refusal.message();
        }
        return new Reply(refusal.status, refusal.reason(), CLOSE, type, body, refusal.wait);
    }
}
