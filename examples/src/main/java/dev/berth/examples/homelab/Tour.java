package dev.berth.examples.homelab;

import dev.berth.testkit.ManualClock;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Locale;

/** A day with the homelab, by its API. */
final class Tour {
    private final String address;
    private final String token;
    private final Cluster cluster;
    private final ManualClock clock;
    private final PrintStream out;
    private final HttpClient http = HttpClient.newHttpClient();
    private int surprises;

    Tour(int port, String token, Cluster cluster, ManualClock clock, PrintStream out) {
        this.address = "http://localhost:" + port + "/api/v1";
        this.token = token;
        this.cluster = cluster;
        this.clock = clock;
        this.out = out;
    }

    int walk() throws IOException, InterruptedException {
        ask(201, "POST", "/apps", "{\"name\": \"web\", \"hostname\": \"web-a\"}");
        ask(201, "POST", "/apps", "{\"name\": \"wiki\", \"hostname\": \"web-b\"}");
        ask(409, "POST", "/apps", "{\"name\": \"blog\", \"hostname\": \"web-b\"}");
        ask(200, "GET", "/guests", "");
        ask(201, "POST", "/guests/201/adopt", "{\"name\": \"nginx\", \"port\": \"80\"}");
        ask(409, "POST", "/guests/201/adopt", "{\"name\": \"another\"}");
        ask(404, "POST", "/guests/999/adopt", "{\"name\": \"none\"}");
        ask(200, "DELETE", "/apps/nginx", "");
        ask(200, "POST", "/system/cleanup/run", "");
        if (cluster.fake().isPresent()) {
            out.println(
                    "\nSomebody destroys the guest of \"web\" by hand. (The tour's clock goes on by six minutes each time.)");
            cluster.fake().get().guest(108).vanishes();
            for (int look = 1; look <= 5; look++) {
                clock.advance(Duration.ofMinutes(6));
                ask(200, "POST", "/system/cleanup/run", "");
            }
        }
        ask(200, "GET", "/system/cleanup/stats", "");
        ask(200, "DELETE", "/apps/web", "");
        ask(200, "DELETE", "/apps/wiki", "");
        ask(200, "GET", "/apps", "");
        out.println("\n"
                + (surprises == 0 ? "All answers were as promised." : surprises + " ANSWERS WERE NOT AS PROMISED"));
        return surprises == 0 ? 0 : 1;
    }

    private void ask(int expected, String method, String path, String body) throws IOException, InterruptedException {
        out.printf(
                Locale.ROOT,
                "%n$ curl -X %s localhost%s%s%n",
                method,
                path,
                body.isEmpty() ? "" : " -d '" + body + "'");
        HttpResponse<String> answer = http.send(
                HttpRequest.newBuilder(URI.create(address + path))
                        .header("Authorization", "Bearer " + token)
                        .method(method, BodyPublishers.ofString(body))
                        .build(),
                BodyHandlers.ofString());
        surprises += answer.statusCode() == expected ? 0 : 1;
        out.println(answer.statusCode() + " " + answer.body());
    }
}
