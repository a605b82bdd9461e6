package dev.berth.docker;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

/** A server that stands for an engine where none can be brought to say it: each request is answered by a function. */
final class Told implements AutoCloseable {
    private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final Function<Asked, Answer> answers;
    private final List<Asked> asked = new CopyOnWriteArrayList<>();

    Told(Function<Asked, Answer> answers) throws IOException {
        this.answers = answers;
        spawn(this::serve);
    }

    /**
     * A request.
     *
     * @param method such as {@code GET}
     * @param path without its query
     * @param query decoded, empty if there is none
     * @param body empty if there is none
     */
    record Asked(String method, String path, String query, String body) {
        boolean is(String wanted, String end) {
            return method.equals(wanted) && path.endsWith(end);
        }

        @Override
        public String toString() {
            return method + " " + path + (query.isEmpty() ? "" : "?" + query);
        }
    }

    /**
     * What is said to a request.
     *
     * @param status the status
     * @param body the body
     * @param length how long the body claims to be; longer than it is leaves the reader waiting
     */
    record Answer(int status, String body, int length) {
        static Answer of(int status, String body) {
            return new Answer(status, body, body.getBytes(StandardCharsets.UTF_8).length);
        }

        static Answer ok(String body) {
            return of(200, body);
        }

        static Answer error(int status, String message) {
            return of(status, "{\"message\":\"" + message.replace("\"", "\\\"") + "\"}");
        }

        /** A body that never ends. */
        static Answer stalled(int status, String beginning) {
            return new Answer(status, beginning, beginning.getBytes(StandardCharsets.UTF_8).length + 100);
        }
    }

    private interface Work {
        void run() throws IOException;
    }

    private static void spawn(Work work) {
        var thread = new Thread(
                () -> {
                    try {
                        work.run();
                    } catch (IOException closed) {
                        // The test is over, or its client is.
                    }
                },
                "told");
        thread.setDaemon(true);
        thread.start();
    }

    private void serve() throws IOException {
        while (true) {
            Socket client = server.accept();
            spawn(() -> answer(client));
        }
    }

    private void answer(Socket socket) throws IOException {
        try (Socket client = socket) {
            InputStream in = client.getInputStream();
            String[] first = line(in).split(" ", -1);
            int length = 0;
            for (String header = line(in); !header.isEmpty(); header = line(in)) {
                if (header.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
                    length = Integer.parseInt(
                            header.substring(header.indexOf(':') + 1).strip());
                }
            }
            String[] address = first[1].split("\\?", 2);
            String query = address.length < 2 ? "" : URLDecoder.decode(address[1], StandardCharsets.UTF_8);
            String body = new String(in.readNBytes(length), StandardCharsets.UTF_8);
            var request = new Asked(first[0], address[0], query, body);
            asked.add(request);
            Answer answer = answers.apply(request);
            OutputStream out = client.getOutputStream();
            out.write(("HTTP/1.1 " + answer.status()
                            + " Told\r\nContent-Type: application/json\r\nConnection: close\r\n"
                            + (answer.status() == 204 ? "" : "Content-Length: " + answer.length() + "\r\n") + "\r\n")
                    .getBytes(StandardCharsets.UTF_8));
            byte[] told = answer.body().getBytes(StandardCharsets.UTF_8);
            out.write(told);
            out.flush();
            if (answer.length() > told.length) {
                in.read();
            }
        }
    }

    private static String line(InputStream in) throws IOException {
        var line = new ByteArrayOutputStream();
        for (int read = in.read(); read >= 0 && read != '\n'; read = in.read()) {
            line.write(read);
        }
        return line.toString(StandardCharsets.UTF_8).strip();
    }

    URI uri() {
        return URI.create("tcp://127.0.0.1:" + server.getLocalPort());
    }

    /** What was asked so far, in its order. */
    List<Asked> asked() {
        return List.copyOf(asked);
    }

    long asked(String method, String end) {
        return asked.stream().filter(one -> one.is(method, end)).count();
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
