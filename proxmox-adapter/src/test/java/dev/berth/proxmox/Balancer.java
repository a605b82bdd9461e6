package dev.berth.proxmox;

import dev.berth.testkit.proxmox.FakeNode;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;

/** What stands before a cluster though it should not: its nodes take turns behind one address. */
interface Balancer extends AutoCloseable {
    URI uri();

    /** What a client has to trust there. */
    Trust trust();

    @Override
    void close();

    /** Passes connections on as they are, to one node after the other. */
    static Balancer ofConnections(Trust nodesTrust, InetAddress at, List<FakeNode> nodes) throws IOException {
        return new Connections(nodesTrust, at, nodes);
    }

    /** Ends TLS itself, and asks one node after the other. */
    static Balancer ofRequests(Trust nodesTrust, Path directory, List<FakeNode> nodes) throws Exception {
        return new Requests(nodesTrust, directory, nodes);
    }

    /** As a balancer of the fourth layer. */
    final class Connections implements Balancer {
        private final ServerSocket listener;
        private final ExecutorService threads = Executors.newCachedThreadPool();
        private final AtomicInteger turn = new AtomicInteger();

        private final Trust trust;

        Connections(Trust trust, InetAddress at, List<FakeNode> nodes) throws IOException {
            this.trust = trust;
            listener = new ServerSocket(0, 50, at);
            threads.execute(() -> {
                while (!listener.isClosed()) {
                    try {
                        Socket client = listener.accept();
                        URI node =
                                nodes.get(turn.getAndIncrement() % nodes.size()).uri();
                        var server = new Socket(node.getHost(), node.getPort());
                        threads.execute(() -> pass(client, server));
                        threads.execute(() -> pass(server, client));
                    } catch (IOException closed) {
                        // The next one, if there is one.
                    }
                }
            });
        }

        private static void pass(Socket from, Socket to) {
            try (from;
                    to;
                    InputStream in = from.getInputStream();
                    OutputStream out = to.getOutputStream()) {
                in.transferTo(out);
            } catch (IOException ended) {
                // As connections do.
            }
        }

        @Override
        public Trust trust() {
            return trust;
        }

        @Override
        public URI uri() {
            String host = listener.getInetAddress().getHostAddress();
            return URI.create(
                    "https://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + listener.getLocalPort());
        }

        @Override
        public void close() {
            try {
                listener.close();
            } catch (IOException ignored) {
                // It is thrown away.
            }
            threads.shutdownNow();
        }
    }

    /** As a balancer of the seventh layer, with a certificate of its own. */
    final class Requests implements Balancer {
        private static final char[] PASSWORD = "changeit".toCharArray();

        private final SSLServerSocket listener;
        private final HttpClient client;
        private final ExecutorService threads = Executors.newCachedThreadPool();
        private final List<FakeNode> nodes;
        private final AtomicInteger turn = new AtomicInteger();
        private final Trust trust;

        Requests(Trust nodesTrust, Path directory, List<FakeNode> nodes) throws Exception {
            this.nodes = nodes;
            client = HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .sslContext(nodesTrust.context())
                    .build();
            KeyStore store = certified(directory);
            KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(store, PASSWORD);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), null, null);
            listener = (SSLServerSocket)
                    context.getServerSocketFactory().createServerSocket(0, 50, InetAddress.getLoopbackAddress());
            trust = Trust.fingerprints(HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256")
                            .digest(store.getCertificate("one").getEncoded())));
            threads.execute(() -> {
                while (!listener.isClosed()) {
                    try {
                        Socket one = listener.accept();
                        threads.execute(() -> converse(one));
                    } catch (IOException closed) {
                        // The next one, if there is one.
                    }
                }
            });
        }

        private static KeyStore certified(Path directory) throws Exception {
            Path file = directory.resolve("balancer.p12");
            Process keytool = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "keytool")
                                    .toString(),
                            "-genkeypair",
                            "-alias",
                            "one",
                            "-keyalg",
                            "EC",
                            "-dname",
                            "CN=balancer",
                            "-storetype",
                            "PKCS12",
                            "-storepass",
                            new String(PASSWORD),
                            "-keystore",
                            file.toString())
                    .inheritIO()
                    .start();
            if (keytool.waitFor() != 0) {
                throw new IOException("keytool failed");
            }
            return KeyStore.getInstance(file.toFile(), PASSWORD);
        }

        private void converse(Socket socket) {
            try (socket;
                    var in = new BufferedInputStream(socket.getInputStream());
                    OutputStream out = socket.getOutputStream()) {
                for (String first = line(in); !first.isEmpty(); first = line(in)) {
                    HttpResponse<byte[]> answer = pass(first, in);
                    out.write(("HTTP/1.1 " + answer.statusCode() + " As it is\r\nContent-Length: "
                                    + answer.body().length
                                    + "\r\nContent-Type: application/json\r\n\r\n")
                            .getBytes(StandardCharsets.ISO_8859_1));
                    out.write(answer.body());
                    out.flush();
                }
            } catch (IOException ended) {
                // As connections do.
            } catch (InterruptedException closing) {
                Thread.currentThread().interrupt();
            }
        }

        private HttpResponse<byte[]> pass(String first, InputStream in) throws IOException, InterruptedException {
            String[] words = first.split(" ", 3);
            FakeNode node = nodes.get(turn.getAndIncrement() % nodes.size());
            HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(node.uri() + words[1]));
            int length = 0;
            for (String header = line(in); !header.isEmpty(); header = line(in)) {
                String[] parts = header.split(": ", 2);
                if (parts[0].equalsIgnoreCase("Content-Length")) {
                    length = Integer.parseInt(parts[1]);
                } else if (parts[0].equalsIgnoreCase("Authorization") || parts[0].equalsIgnoreCase("Content-Type")) {
                    request.setHeader(parts[0], parts[1]);
                }
            }
            request.method(words[0], BodyPublishers.ofByteArray(in.readNBytes(length)));
            return client.send(request.build(), BodyHandlers.ofByteArray());
        }

        private static String line(InputStream in) throws IOException {
            var bytes = new ByteArrayOutputStream();
            for (int next = in.read(); next >= 0 && next != '\n'; next = in.read()) {
                bytes.write(next);
            }
            return bytes.toString(StandardCharsets.ISO_8859_1).strip();
        }

        @Override
        public URI uri() {
            return URI.create("https://127.0.0.1:" + listener.getLocalPort());
        }

        @Override
        public Trust trust() {
            return trust;
        }

        @Override
        public void close() {
            try {
                listener.close();
            } catch (IOException ignored) {
                // It is thrown away.
            }
            threads.shutdownNow();
        }
    }
}
