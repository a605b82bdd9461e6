package dev.berth.docker;

import com.github.dockerjava.transport.DockerHttpClient;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A transport that uses each connection once. Podman's service closes connections that idle for ten seconds, any daemon
 * closes them when it restarts, and the next request on such a one is lost without a word (docker-java issue 2682); a
 * connection of its own costs less than a millisecond.
 *
 * <p>A read of a TCP socket does not hear that its thread was interrupted, one of a Unix socket does. So over TCP a request
 * runs on another thread, which is left behind when its caller is interrupted, and ends by the response time-out.
 */
final class FreshConnections implements DockerHttpClient {
    private final DockerHttpClient transport;
    private final @Nullable ExecutorService threads;

    private FreshConnections(DockerHttpClient transport, @Nullable ExecutorService threads) {
        this.transport = transport;
        this.threads = threads;
    }

    /** For a transport whose requests end when their thread is interrupted. */
    static FreshConnections on(DockerHttpClient transport) {
        return new FreshConnections(transport, null);
    }

    /** For a transport whose requests do not. */
    static FreshConnections onDeaf(DockerHttpClient transport) {
        var number = new AtomicInteger();
        return new FreshConnections(transport, Executors.newCachedThreadPool(work -> {
            var thread = new Thread(work, "berth-docker-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        }));
    }

    @Override
    public Response execute(Request request) {
        if (request.hijackedInput() != null) {
            return transport.execute(request);
        }
        Request once =
                Request.builder().from(request).putHeader("Connection", "close").build();
        return threads == null ? transport.execute(once) : interruptibly(once, threads);
    }

    private Response interruptibly(Request request, ExecutorService workers) {
        var answer = new CompletableFuture<Response>();
        try {
            workers.execute(() -> run(request, answer));
        } catch (RejectedExecutionException closed) {
            throw new IllegalStateException("Connection pool shut down", closed);
        }
        try {
            return answer.get();
        } catch (InterruptedException interrupted) {
            if (!answer.cancel(false) && !answer.isCompletedExceptionally()) {
                answer.join().close();
            }
            Thread.currentThread().interrupt();
            throw new CancellationException("interrupted while waiting for the engine");
        } catch (ExecutionException failure) {
            if (failure.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException(failure.getCause());
        }
    }

    private void run(Request request, CompletableFuture<Response> answer) {
        try {
            Response response = transport.execute(request);
            Response whole = isBounded(request) ? Whole.of(response) : response;
            if (!answer.complete(whole)) {
                whole.close();
            }
        } catch (Exception failure) {
            answer.completeExceptionally(failure);
        }
    }

    /** Whether an answer ends by itself, so that all of it can be read at once; events and logs do not. */
    private static boolean isBounded(Request request) {
        int query = request.path().indexOf('?');
        String path = query < 0 ? request.path() : request.path().substring(0, query);
        return request.method().equals("GET")
                && (path.endsWith("/json")
                        || path.endsWith("/info")
                        || path.endsWith("/version")
                        || path.contains("/volumes"));
    }

    @Override
    public void close() throws IOException {
        if (threads != null) {
            threads.shutdownNow();
        }
        transport.close();
    }

    /** An answer that was read whole. */
    private record Whole(int status, Map<String, List<String>> headers, InputStream body) implements Response {
        static Whole of(Response response) {
            try (response) {
                return new Whole(
                        response.getStatusCode(),
                        response.getHeaders(),
                        new ByteArrayInputStream(response.getBody().readAllBytes()));
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            }
        }

        @Override
        public int getStatusCode() {
            return status;
        }

        @Override
        public Map<String, List<String>> getHeaders() {
            return headers;
        }

        @Override
        public InputStream getBody() {
            return body;
        }

        @Override
        public void close() {
            // Nothing is open.
        }
    }
}
