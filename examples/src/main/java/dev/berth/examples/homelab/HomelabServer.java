package dev.berth.examples.homelab;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.berth.BerthException;
import dev.berth.InvalidInputException;
import dev.berth.examples.cli.Json;
import dev.berth.examples.cli.UsageException;
import dev.berth.ledger.ClaimRefusedException;
import dev.berth.ledger.Obstacle;
import dev.berth.reaper.GhostReaper;
import dev.berth.reaper.ReapReport;
import dev.berth.reaper.ReapTotals;
import dev.berth.reaper.ReaperPolicy;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/** The homelab's API, on this host's own address. What changes anything needs the token. */
final class HomelabServer implements AutoCloseable {
    private static final int LONGEST_BODY = 64 * 1024;

    private final HomelabService homelab;
    private final byte[] authorization;
    private final HttpServer http;
    private final ExecutorService threads = Executors.newFixedThreadPool(8);

    private record Answer(int code, Object body) {}

    /** What was refused, and who holds it. */
    record Conflict(String error, List<String> conflicts) {}

    HomelabServer(HomelabService homelab, String token, int port) throws IOException {
        this.homelab = homelab;
        this.authorization = ("Bearer " + token).getBytes(StandardCharsets.UTF_8);
        this.http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        http.setExecutor(threads);
        http.createContext("/", this::handle);
        http.start();
    }

    int port() {
        return http.getAddress().getPort();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            Answer answer = answer(exchange);
            byte[] body = Json.of(answer.body()).getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(answer.code(), body.length);
            exchange.getResponseBody().write(body);
        }
    }

    private Answer answer(HttpExchange exchange) throws IOException {
        String method = exchange.getRequestMethod();
        try {
            if (!method.equals("GET") && !isAllowed(exchange)) {
                return error(401, "this needs the header Authorization: Bearer and the server's token");
            }
            return route(method, exchange.getRequestURI().getPath(), body(exchange));
        } catch (ClaimRefusedException e) {
            List<String> conflicts = e.refusal().obstacles().stream()
                    .map(HomelabServer::conflict)
                    .toList();
            return new Answer(409, new Conflict("conflict", conflicts));
        } catch (NotFoundException e) {
            return error(404, e.getMessage());
        } catch (UsageException | InvalidInputException | JacksonException e) {
            return error(400, e.getMessage());
        } catch (BerthException e) {
            return error(502, e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return error(503, "the server is going down");
        }
    }

    private static Answer error(int code, @Nullable String message) {
        return new Answer(code, Map.of("error", String.valueOf(message)));
    }

    private static String conflict(Obstacle obstacle) {
        return obstacle.toString();
    }

    private boolean isAllowed(HttpExchange exchange) {
        String given = Optional.ofNullable(exchange.getRequestHeaders().getFirst("Authorization"))
                .orElse("");
        return MessageDigest.isEqual(given.getBytes(StandardCharsets.UTF_8), authorization);
    }

    private static Map<String, String> body(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readNBytes(LONGEST_BODY);
        return body.length == 0 ? Map.of() : Json.texts(new String(body, StandardCharsets.UTF_8));
    }

    private Answer route(String method, String path, Map<String, String> given) throws InterruptedException {
        String[] parts = path.split("/", -1);
        if (!path.startsWith("/api/v1/") || parts.length < 4) {
            throw new NotFoundException("there is nothing at " + path);
        }
        String name = parts.length > 4 ? parts[4] : "";
        switch (method + " " + parts[3] + "/" + (parts.length - 4)) {
            case "GET apps/0" -> {
                return new Answer(200, homelab.list());
            }
            case "POST apps/0" -> {
                return new Answer(201, homelab.deploy(text(given, "name"), text(given, "hostname")));
            }
            case "GET apps/1" -> {
                return new Answer(200, homelab.find(name).orElseThrow(() -> new NotFoundException("no app " + name)));
            }
            case "DELETE apps/1" -> {
                return new Answer(200, Map.of("deleted", homelab.delete(name)));
            }
            case "GET guests/0" -> {
                return new Answer(200, homelab.discover());
            }
            case "POST guests/2" -> {
                return new Answer(201, homelab.adopt(vmid(name), text(given, "name"), port(given)));
            }
            default -> {
                return switch (method + " " + path) {
                    case "GET /api/v1/system/cleanup/stats" -> new Answer(200, stats());
                    case "POST /api/v1/system/cleanup/run" ->
                        new Answer(200, cleanup(homelab.reaper().run()));
                    case "POST /api/v1/system/cleanup/plan" ->
                        new Answer(200, cleanup(homelab.reaper().plan()));
                    default -> throw new NotFoundException("there is nothing at " + method + " " + path);
                };
            }
        }
    }

    private static int vmid(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new NotFoundException("\"" + text + "\" is no guest's number");
        }
    }

    private static int port(Map<String, String> given) {
        String port = given.getOrDefault("port", "80");
        if (!port.matches("[1-9]\\d{0,4}")) {
            throw new UsageException("\"port\" is \"" + port + "\", which is no port");
        }
        return Integer.parseInt(port);
    }

    private static String text(Map<String, String> given, String key) {
        return Optional.ofNullable(given.get(key))
                .filter(value -> !value.isBlank())
                .orElseThrow(() -> new UsageException("\"" + key + "\" is missing in the body"));
    }

    /** As the service that this replaces told it. */
    private Map<String, Object> stats() {
        GhostReaper reaper = homelab.reaper();
        ReapTotals totals = reaper.totals();
        Map<String, Object> stats = new LinkedHashMap<>();
        stats.put("enabled", reaper.policy().isEnabled());
        stats.put("last_run", totals.lastRun().map(Object::toString).orElse(""));
        stats.put("ghost_apps_removed", totals.ghosts());
        stats.put("old_errors_removed", totals.errors());
        stats.put("ports_freed", totals.ports());
        stats.put("total_removed", totals.ghosts() + totals.errors());
        stats.put("errors", reaper.lastReport().map(ReapReport::errors).orElse(List.of()));
        stats.put("config", config(reaper.policy()));
        stats.put("warnings", reaper.policy().warnings());
        stats.put(
                "breaker",
                reaper.breaker()
                        .map(open -> open.cause() + ": " + open.detail())
                        .orElse(""));
        return stats;
    }

    private static Map<String, Object> config(ReaperPolicy policy) {
        Map<String, Object> config = new LinkedHashMap<>();
        config.put("error_retention_hours", policy.errorRetention().toHours());
        config.put("ghost_cleanup_enabled", policy.reapsGhosts());
        config.put("cleanup_interval_minutes", policy.interval().toMinutes());
        config.put("dry_run", policy.isDryRun());
        return config;
    }

    private Map<String, Object> cleanup(ReapReport report) {
        boolean plan = report.occasion() == ReapReport.Occasion.DRY_RUN;
        Map<String, Object> told = new LinkedHashMap<>();
        told.put("success", report.errors().isEmpty());
        told.put(
                "message",
                "Cleanup "
                        + switch (report.outcome()) {
                            case SWEPT ->
                                "complete: " + (plan ? "would remove " : "removed ") + report.totalRemoved() + " apps, "
                                        + (plan ? "free " : "freed ") + report.portsFreed() + " ports";
                            case OBSERVED -> "observed only, as the first one always does";
                            case HELD -> "held back by a breaker: a person should look";
                            case BLIND -> "saw too little to judge: nothing was removed";
                            case SKIPPED -> "skipped: " + report.detail();
                            case FAILED -> "failed: " + report.detail();
                        });
        told.put("outcome", report.outcome());
        told.put("judged", report.judged());
        told.put("present", report.present());
        told.put(
                "due",
                report.plan().items().stream()
                        .map(item -> item.kind() + " " + item.owner())
                        .toList());
        told.put("stats", stats());
        return told;
    }

    @Override
    public void close() {
        http.stop(0);
        threads.shutdownNow();
    }
}
