package dev.berth.testkit.proxmox;

import dev.berth.testkit.proxmox.Machine.Daemon;
import dev.berth.testkit.proxmox.Refusal.Body;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/**
 * The way of a request: the proxy of the machine that was asked knows who asks, finds the method and looks at the rights;
 * then the proxy of the machine that the path names, and there the daemon. Each may be away.
 */
final class Gateway {
    private static final String FILES_DEAD =
            "RPCEnvironment init request failed: Unable to load access control list: Connection refused";
    private static final List<String> SECRETS = List.of("password", "ssh-public-keys", "otp");

    private final Cluster cluster;
    private final Api api = new Api();
    private final AnswerDelays delays;
    private final List<SeenRequest> seen = new ArrayList<>();

    Gateway(Cluster cluster, AnswerDelays delays) {
        this.cluster = cluster;
        this.delays = delays;
    }

    List<SeenRequest> seen() {
        return seen;
    }

    /** Answers as the machine does. Called under the cluster's lock. */
    Reply answer(Machine entry, Request request, long arrived) {
        Caller caller = Caller.NOBODY;
        Map<String, Object> parameters = new LinkedHashMap<>();
        Refusal refusal;
        try {
            String format = request.format();
            if (!format.equals("json") && !format.equals("extjs")) {
                throw Refusal.atTheDoor(501, "no formatter for uri " + request.path() + ", " + format, Body.TEXT);
            }
            if (!List.of("GET", "POST", "PUT", "DELETE").contains(request.method())) {
                throw Refusal.atTheDoor(501, "method '" + request.method() + "' not available", Body.NONE);
            }
            requireFiles(entry);
            boolean signingIn = request.path().equals("/access/ticket");
            caller = signingIn ? caller : authenticate(request);
            parameters.putAll(parameters(entry, request));
            return dispatch(entry, request, caller, parameters, arrived);
        } catch (Refusal refused) {
            refusal = refused;
        } finally {
            record(entry, request, caller, parameters);
        }
        return Reply.refused(
                refusal.status == 401 ? refusal.after(delays.refusal()) : refusal, entry.version, request.format());
    }

    private void record(Machine entry, Request request, Caller caller, Map<String, Object> parameters) {
        Map<String, String> shown = new TreeMap<>();
        parameters.forEach((key, value) -> shown.put(key, SECRETS.contains(key) ? "…" : String.valueOf(value)));
        seen.add(new SeenRequest(entry.name, request.method(), request.path(), shown, caller.name(), cluster.now()));
    }

    // ------------------------------------------------------------------ at the door

    private void requireFiles(Machine machine) throws Refusal {
        if (!machine.filesUp) {
            throw Refusal.atTheDoor(500, FILES_DEAD, Body.NONE).after(delays.refusal());
        }
    }

    private Caller authenticate(Request request) throws Refusal {
        Optional<String> cookie = request.cookie("PVEAuthCookie");
        if (cookie.isPresent()) {
            Caller caller = cluster.access
                    .byTicket(cookie.get(), cluster.now())
                    .orElseThrow(() -> Refusal.atTheDoor(401, "Authentication failed!", Body.NONE));
            if (request.isWrite()
                    && request.header("CSRFPreventionToken")
                            .filter(token -> cluster.access.isCsrfToken(token, caller.user(), cluster.now()))
                            .isEmpty()) {
                throw Refusal.atTheDoor(401, "Permission denied - invalid csrf token", Body.NONE);
            }
            return caller;
        }
        Optional<String> token = request.header("Authorization")
                .filter(value -> value.matches("PVEAPIToken[= ].*"))
                .map(value -> value.substring("PVEAPIToken=".length()));
        if (token.isEmpty()) {
            throw Refusal.atTheDoor(401, "No ticket", Body.NONE);
        }
        return cluster.access
                .byToken(token.get(), cluster.now())
                .orElseThrow(() -> Refusal.atTheDoor(401, "Authentication failed!", Body.NONE));
    }

    private static Map<String, Object> parameters(Machine entry, Request request) throws Refusal {
        Map<String, Object> all = request.query();
        if (request.body().isEmpty()) {
            return all;
        }
        if (request.method().equals("DELETE") || request.method().equals("GET")) {
            throw Refusal.atTheDoor(501, "Unexpected content for method '" + request.method() + "'", Body.TEXT);
        }
        String type = request.header("Content-Type").orElse("").split(";", 2)[0].trim();
        String text = request.body();
        switch (type) {
            case "application/x-www-form-urlencoded" -> all.putAll(Request.form(text));
            case "application/json" -> all.putAll(json(entry, text));
            default -> throw Refusal.atTheDoor(506, "upload 'Content-Type '" + type + "' not implemented", Body.TEXT);
        }
        return all;
    }

    private static Map<String, Object> json(Machine entry, String text) throws Refusal {
        JsonNode tree;
        try {
            tree = Reply.mapper().readTree(text);
        } catch (RuntimeException malformed) {
            throw badJson(entry, text);
        }
        if (!tree.isObject()) {
            throw badJson(entry, text);
        }
        Map<String, Object> all = new LinkedHashMap<>();
        tree.properties().forEach(pair -> all.put(pair.getKey(), value(pair.getValue())));
        return all;
    }

    /** The words of the two JSON readers of Perl, the newer one with a line feed too many. */
    private static Refusal badJson(Machine entry, String text) {
        return entry.version.statusOfBadJson == 500
                ? Refusal.atTheDoor(
                        500,
                        "malformed JSON string, neither tag, array, object, number, string or atom, at character offset "
                                + text.length()
                                + " (before \"(end of string)\") at /usr/share/perl5/PVE/APIServer/AnyEvent.pm line 934.\n",
                        Body.TEXT)
                : Refusal.atTheDoor(
                        501,
                        "'\"' expected, at character offset " + text.length()
                                + " (before \"(end of string)\") at /usr/share/perl5/PVE/APIServer/AnyEvent.pm line 901.",
                        Body.NONE);
    }

    private static Object value(JsonNode node) {
        if (node.isArray()) {
            return List.of();
        }
        if (node.isObject()) {
            return Map.of();
        }
        if (node.isBoolean()) {
            return node.asBoolean() ? "1" : "0";
        }
        return node.asString();
    }

    // ------------------------------------------------------------------ to the machine and its daemon

    private Reply dispatch(Machine entry, Request request, Caller caller, Map<String, Object> parameters, long arrived)
            throws Refusal {
        Api.Match match = api.find(request.method(), request.path())
                .orElseThrow(() -> Refusal.notImplemented(request.method(), request.path()));
        Map<String, Object> given = new LinkedHashMap<>(parameters);
        for (Map.Entry<String, String> place : match.places().entrySet()) {
            Object twice = given.put(place.getKey(), place.getValue());
            if (twice != null && !twice.equals(place.getValue())) {
                throw Refusal.parameter(
                        place.getKey(), "duplicate parameter (already defined in URI) with conflicting values!");
            }
        }
        Route route = match.route();
        route.gate().check(new Call(cluster, entry, caller, arrived, match.places()));
        String node = match.places().getOrDefault("node", entry.name);
        Machine target = node.equals("localhost") ? entry : find(node);
        Runnable later = () -> {
            try {
                perform(target, route, caller, given, arrived);
            } catch (Refusal unheard) {
                // Whoever asked was told long ago that nobody answers.
            }
        };
        reach(entry, target, route, later);
        List<String> connection = connection(entry != target, request.isWrite(), route.throughDaemon());
        try {
            return Reply.found(perform(target, route, caller, given, arrived, request.format()), connection);
        } catch (Refusal refused) {
            Refusal timed = refused.status == 401 ? refused.after(delays.refusal()) : refused;
            return Reply.refused(timed, target.version, request.format());
        }
    }

    private Machine find(String node) throws Refusal {
        Optional<Machine> machine = cluster.find(node);
        if (machine.isPresent()) {
            return machine.get();
        }
        throw cluster.resolvableHosts.contains(node)
                ? Refusal.atTheDoor(595, "No route to host", Body.NONE).after(delays.noRoute())
                : Refusal.error("hostname lookup '" + node + "' failed - failed to get address info for: " + node
                        + ": Temporary failure in name resolution");
    }

    private void reach(Machine entry, Machine target, Route route, Runnable later) throws Refusal {
        if (entry != target) {
            if (!Cluster.areConnected(entry, target)) {
                boolean known = target.knownUnreachable;
                target.knownUnreachable = true;
                throw known
                        ? Refusal.atTheDoor(595, "No route to host", Body.NONE).after(delays.noRoute())
                        : Refusal.atTheDoor(595, "Connection timed out", Body.NONE)
                                .after(delays.timeout());
            }
            through(target.proxy, target, later);
            requireFiles(target);
        }
        if (route.throughDaemon()) {
            through(target.daemon, target, later);
        }
    }

    private void through(Daemon daemon, Machine machine, Runnable later) throws Refusal {
        if (daemon == Daemon.DOWN) {
            throw Refusal.atTheDoor(595, "Connection refused", Body.NONE);
        }
        if (daemon == Daemon.HUNG) {
            machine.backlog.add(later);
            throw Refusal.atTheDoor(596, "Connection timed out", Body.NONE).after(delays.timeout());
        }
    }

    private void perform(Machine target, Route route, Caller caller, Map<String, Object> given, long arrived)
            throws Refusal {
        var unused = perform(target, route, caller, given, arrived, "json");
    }

    private Map<String, Object> perform(
            Machine target, Route route, Caller caller, Map<String, Object> given, long arrived, String format)
            throws Refusal {
        Call call = new Call(cluster, target, caller, arrived, route.rules().check(given));
        return call.envelope(route.code().answer(call), format);
    }

    /** Each proxy on the way adds its own word on the connection, and they contradict one another. */
    private static List<String> connection(boolean remote, boolean write, boolean throughDaemon) {
        if (remote && !write) {
            return List.of(throughDaemon ? "close,Keep-Alive" : "Keep-Alive", "Keep-Alive");
        }
        return throughDaemon ? List.of("close", "Keep-Alive") : List.of("Keep-Alive");
    }
}
