package dev.berth.docker;

import com.github.dockerjava.api.exception.DockerException;
import dev.berth.runtime.Fault;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;

/**
 * What the errors of Docker Engine 20.10 to 29 and Podman 4.3 to 5.8 mean. The status alone says little: Podman answers
 * 500 for a taken name, and both answer 500 for a taken port, so status and text are looked at together. What is not listed
 * here is unknown.
 */
final class Faults {
    private static final Pattern ID = Pattern.compile("\\b[0-9a-f]{64}\\b");
    private static final Pattern NAME_HELD = pattern("container name .{1,4096}? is already in use"
            + "|that name is already in use"
            + "|name \\S+ already in use"
            + "|name .{1,4096}? is in use: (pod|container) already exists"
            + "|UNIQUE constraint failed: ContainerConfig\\.Name");
    private static final Pattern PORT_HELD = pattern("port is already allocated|address already in use");
    /** What publishes ports; a container's own address can be in use as well, which is something else. */
    private static final Pattern PUBLISHING = pattern("driver failed programming external connectivity"
            + "|cannot listen on the (TCP|UDP) port"
            + "|pasta failed with exit code"
            + "|rootlessport ");

    private static final Pattern PORT = pattern("Bind for \\S*?:(\\d+) failed"
            + "|listen (?:tcp|udp)[46]? \\S*?:(\\d+): bind"
            + "|bind host port (?:for )?(?:\\[[^\\]]*\\]|[\\d.]+):(\\d+)[:/]"
            + "|Failed to bind port (\\d+) \\(");
    private static final Pattern NO_CONTAINER = pattern("No such container: |\"cause\":\"no such container\"");
    private static final Pattern NO_IMAGE = pattern("No such image: |\"cause\":\"image not known\"");
    /** Docker's words for removing what runs are others from 25 on ({@code daemon/delete.go}). */
    private static final Pattern BUSY = pattern("removal of container \\S+ is already in progress"
            + "|is marked for removal and cannot be started"
            + "|you cannot remove a (running|paused|restarting) container"
            + "|container is \\w+: stop the container before"
            + "|container is \\w+ and must be unpaused first"
            + "|is restarting, wait until the container is running"
            + "|\"cause\":\"container state improper\"");
    /** What Podman says with a 500, and Docker with a 400; and what Docker says at a start with a 404 or a 500. */
    private static final Pattern REFUSED = pattern("\"cause\":\"invalid argument\""
            + "|cannot assign requested address"
            + "|bind: permission denied"
            + "|cannot expose privileged port"
            + "|could not select device driver"
            + "|\"message\":\\s*\"network \\S+ not found"
            + "|executable file .{1,300}? not found"
            + "|OCI runtime attempted to invoke a command that was not found"
            + "|exec: .{1,300}? no such file or directory");
    /** What an engine says by itself; other errors come from who stands before it. */
    private static final Set<Integer> OWN = Set.of(400, 404, 409, 500);
    /** What connecting to a Unix socket fails with. */
    private static final Set<String> NOT_CONNECTED =
            Set.of("no such file or directory", "permission denied", "connection refused");
    /** Classes of httpclient5, by name: the host's own client may have another transport, and not have them. */
    private static final Set<String> NOT_SENT = Set.of(
            "org.apache.hc.client5.http.ConnectTimeoutException",
            "org.apache.hc.core5.http.ConnectionRequestTimeoutException");

    private Faults() {}

    private static Pattern pattern(String text) {
        return Pattern.compile(text, Pattern.CASE_INSENSITIVE | Pattern.DOTALL);
    }

    static Fault of(Throwable failure) {
        if (failure instanceof RefusedException) {
            return new Fault.Rejected(line(failure));
        }
        if (failure instanceof NotStartedException notStarted) {
            return new Fault.Busy(String.valueOf(notStarted.getMessage()));
        }
        if (failure instanceof ClosedException closed) {
            return new Fault.Unreachable(String.valueOf(closed.getMessage()));
        }
        return failure instanceof DockerException answer
                ? of(answer.getHttpStatus(), body(answer), detail(answer))
                : ofTransport(failure);
    }

    private static Fault of(int status, String body, String detail) {
        if (!isEngines(body)) {
            return new Fault.Unknown(detail);
        }
        return switch (status) {
            case 400, 403 -> new Fault.Rejected(detail);
            case 404 -> ofMissing(body, detail);
            case 409, 500 -> ofConflict(status, body, detail);
            default -> new Fault.Unknown(detail);
        };
    }

    private static Fault ofMissing(String body, String detail) {
        if (NO_CONTAINER.matcher(body).find()) {
            return new Fault.Missing(detail);
        }
        boolean refused = NO_IMAGE.matcher(body).find() || REFUSED.matcher(body).find();
        return refused ? new Fault.Rejected(detail) : new Fault.Unknown(detail);
    }

    private static Fault ofConflict(int status, String body, String detail) {
        if (NAME_HELD.matcher(body).find()) {
            return new Fault.NameHeld(id(body), detail);
        }
        if (status == 500 && PORT_HELD.matcher(body).find()) {
            Set<Integer> ports = ports(body);
            if (!ports.isEmpty() || PUBLISHING.matcher(body).find()) {
                return new Fault.PortHeld(ports, detail);
            }
        }
        if (NO_CONTAINER.matcher(body).find()) {
            return new Fault.Missing(detail);
        }
        if (BUSY.matcher(body).find()) {
            return new Fault.Busy(detail);
        }
        return status == 500 && REFUSED.matcher(body).find() ? new Fault.Rejected(detail) : new Fault.Unknown(detail);
    }

    private static Optional<String> id(String body) {
        // The holder is named after the name, which may look like an id.
        return ID.matcher(body).results().map(MatchResult::group).reduce((first, last) -> last);
    }

    private static Set<Integer> ports(String body) {
        Set<Integer> ports = new LinkedHashSet<>();
        Matcher port = PORT.matcher(body);
        while (port.find()) {
            for (int group = 1; group <= port.groupCount(); group++) {
                if (port.group(group) != null) {
                    ports.add(Integer.parseInt(port.group(group)));
                }
            }
        }
        return ports;
    }

    private static Fault ofTransport(Throwable failure) {
        if (isOfClosedClient(failure)) {
            return new Fault.Unreachable("the client is closed");
        }
        Throwable cause = failure;
        for (int depth = 0; depth < 8 && cause != null; depth++) {
            if (cause instanceof IOException transport && isUnsent(transport)) {
                return new Fault.Unreachable(line(transport));
            }
            cause = cause.getCause();
        }
        return new Fault.Unknown(line(failure));
    }

    private static boolean isUnsent(IOException failure) {
        if (failure instanceof ConnectException
                || failure instanceof UnknownHostException
                || failure instanceof NoRouteToHostException
                || failure instanceof SSLHandshakeException
                || NOT_SENT.contains(failure.getClass().getName())) {
            return true;
        }
        return failure instanceof SocketException
                && NOT_CONNECTED.contains(String.valueOf(failure.getMessage())
                        .toLowerCase(Locale.ROOT)
                        .strip());
    }

    // ------------------------------------------------------------------ what an engine said

    /** Thrown by a client that was closed before it was asked. */
    static boolean isOfClosedClient(Throwable failure) {
        return failure instanceof IllegalStateException && "Connection pool shut down".equals(failure.getMessage());
    }

    /**
     * Throws a failure again unless it is that an answer arrived whole which docker-java cannot read. One that was cut short is
     * the transport's affair.
     */
    static void requireUnreadable(RuntimeException failure) {
        boolean unreadable = false;
        Throwable cause = failure;
        for (int depth = 0; depth < 16 && cause != null; depth++) {
            String type = cause.getClass().getName();
            boolean cut = type.equals("com.fasterxml.jackson.core.io.JsonEOFException");
            if (cut || (cause instanceof IOException && !type.startsWith("com.fasterxml.jackson."))) {
                throw failure;
            }
            unreadable |= type.startsWith("com.fasterxml.jackson.databind.");
            cause = cause.getCause();
        }
        if (!unreadable) {
            throw failure;
        }
    }

    /** Whether the engine itself refused in words of its own that say nothing known. */
    static boolean isRefusalOfItsOwn(DockerException failure) {
        return OWN.contains(failure.getHttpStatus())
                && isEngines(body(failure))
                && of(failure) instanceof Fault.Unknown;
    }

    /** Whether the engine itself says that it has no such image. */
    static boolean isNoImage(DockerException failure) {
        String body = body(failure);
        return failure.getHttpStatus() == 404
                && isEngines(body)
                && NO_IMAGE.matcher(body).find();
    }

    /** Whether the engine itself says that it has no such container: a proxy or a wrong path answers 404 as well. */
    static boolean isAbsence(DockerException failure, String id) {
        String body = body(failure);
        return failure.getHttpStatus() == 404
                && isEngines(body)
                && NO_CONTAINER.matcher(body).find()
                && body.contains(id);
    }

    /** An engine's errors are JSON objects with a message. */
    private static boolean isEngines(String body) {
        return body.startsWith("{") && body.contains("\"message\":");
    }

    /** docker-java puts "Status 409: " before what the engine said. */
    private static String body(DockerException failure) {
        String message = String.valueOf(failure.getMessage());
        String before = "Status " + failure.getHttpStatus() + ": ";
        return (message.startsWith(before) ? message.substring(before.length()) : message).strip();
    }

    private static final Pattern MESSAGE = Pattern.compile("\"message\":\\s*\"((?:[^\"\\\\]|\\\\.)*)\"");

    /** What an engine said, in one line for people. */
    static String detail(DockerException failure) {
        Matcher message = MESSAGE.matcher(body(failure));
        String said = message.find() ? message.group(1) : body(failure);
        String plain = said.replace("\\n", " ")
                .replace("\\t", " ")
                .replace("\\\"", "\"")
                .replace("\\\\", "\\");
        return oneLine("the engine said " + failure.getHttpStatus() + (plain.isEmpty() ? "" : ": " + plain));
    }

    /** What went wrong, in one line for people. */
    static String line(@Nullable Throwable failure) {
        if (failure == null) {
            return "no reason was given";
        }
        String message = failure.getMessage();
        return oneLine(failure.getClass().getSimpleName() + (message == null ? "" : ": " + message));
    }

    private static String oneLine(String text) {
        String line = text.replaceAll("\\s+", " ").strip();
        return line.length() <= 600 ? line : line.substring(0, 600) + "…";
    }
}
