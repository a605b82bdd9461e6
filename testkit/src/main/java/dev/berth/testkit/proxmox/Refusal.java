package dev.berth.testkit.proxmox;

import java.time.Duration;
import java.util.Map;
import java.util.Objects;

/** An answer that is an error. Its message is the reason phrase of the status line, without its line feed. */
final class Refusal extends Exception {
    private static final long serialVersionUID = 1L;

    /** What carries the message beside the status line. */
    enum Body {
        JSON,
        TEXT,
        NONE
    }

    final int status;
    final transient Map<String, Object> errors;
    final Body body;
    final Duration wait;

    private Refusal(int status, String message, Map<String, Object> errors, Body body, Duration wait) {
        super(message);
        this.status = status;
        this.errors = errors;
        this.body = body;
        this.wait = wait;
    }

    /** What a method's code says when it dies: the text ends with a line feed. */
    static Refusal error(String message) {
        return new Refusal(500, message + "\n", Map.of(), Body.JSON, Duration.ZERO);
    }

    static Refusal forbidden(String detail) {
        return new Refusal(403, "Permission check failed" + detail + "\n", Map.of(), Body.JSON, Duration.ZERO);
    }

    static Refusal forbidden(String path, String privileges) {
        return forbidden(" (" + path + ", " + privileges + ")");
    }

    static Refusal parameters(Map<String, Object> errors) {
        return new Refusal(400, "Parameter verification failed.\n", errors, Body.JSON, Duration.ZERO);
    }

    static Refusal parameter(String name, String error) {
        return parameters(Map.of(name, error));
    }

    static Refusal notImplemented(String method, String path) {
        return new Refusal(
                501, "Method '" + method + " " + path + "' not implemented", Map.of(), Body.JSON, Duration.ZERO);
    }

    /** What the proxy in front says before any method is found. */
    static Refusal atTheDoor(int status, String message, Body body) {
        return new Refusal(status, message, Map.of(), body, Duration.ZERO);
    }

    Refusal after(Duration time) {
        return new Refusal(status, message(), errors, body, time);
    }

    String message() {
        return Objects.requireNonNull(getMessage());
    }

    String reason() {
        return message().replace("\n", "");
    }
}
