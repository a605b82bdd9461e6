package dev.berth.jdbc;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** Where a server of the tests keeps its files, and how its processes and port are found. */
record ServerFiles(Path root, String name) {
    /** The file that a server has while it runs; its first line is a process id. */
    private static final List<String> PID_FILES = List.of("postmaster.pid", "mariadb.pid");

    /** New files for a server. What servers of processes that were killed have left there is stopped and deleted. */
    static ServerFiles of(String name) {
        Path root = Path.of("target", "servers").toAbsolutePath();
        try {
            Files.createDirectories(root);
            try (Stream<Path> all = Files.list(root)) {
                all.filter(ServerFiles::isLeft).forEach(ServerFiles::clean);
            }
            var files =
                    new ServerFiles(root, name + "-" + ProcessHandle.current().pid());
            Files.createDirectories(files.home());
            return files;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static boolean isLeft(Path home) {
        String owner = home.getFileName().toString().replaceFirst(".*-", "");
        return owner.matches("\\d+") && ProcessHandle.of(Long.parseLong(owner)).isEmpty();
    }

    private static void clean(Path home) {
        process(home.resolve("data")).ifPresent(ServerFiles::kill);
        delete(home);
    }

    /** Unpacked programs; the same for all processes that use this directory. */
    Path programs() {
        return root.resolve("programs");
    }

    /** Does what no other process that uses this directory may do at the same time. */
    <T> T alone(Callable<T> deed) throws Exception {
        try (var channel =
                        FileChannel.open(root.resolve("alone"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock lock = channel.lock()) {
            if (!lock.isValid()) {
                throw new IllegalStateException("no lock on " + root);
            }
            return deed.call();
        }
    }

    Path home() {
        return root.resolve(name);
    }

    Path data() {
        return home().resolve("data");
    }

    Path log() {
        return home().resolve("server.log");
    }

    Optional<ProcessHandle> process() {
        return process(data());
    }

    private static Optional<ProcessHandle> process(Path data) {
        for (String name : PID_FILES) {
            Path file = data.resolve(name);
            if (Files.exists(file)) {
                try {
                    String pid = Files.readAllLines(file).get(0).trim();
                    // After a kill the file is still there, and the id may be that of another process by now.
                    return ProcessHandle.of(Long.parseLong(pid))
                            .filter(process ->
                                    process.info().command().orElse("").matches(".*/(postgres|mariadbd|mysqld)"));
                } catch (IOException | IndexOutOfBoundsException | NumberFormatException beingWritten) {
                    return Optional.empty();
                }
            }
        }
        return Optional.empty();
    }

    void kill() {
        process().ifPresent(ServerFiles::kill);
    }

    private static void kill(ProcessHandle server) {
        List<ProcessHandle> processes =
                Stream.concat(Stream.of(server), server.descendants()).toList();
        processes.forEach(ProcessHandle::destroyForcibly);
        // Until init has taken them off the list, too, which may be a second or two: a PostgreSQL does not start while
        // the process id in its files is somebody's.
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (processes.stream().anyMatch(ProcessHandle::isAlive)) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException("killed, and still there: " + processes);
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
        }
    }

    void delete() {
        delete(home());
    }

    /** Copies the data, with the rights that the files have. */
    void copyData(ServerFiles to) throws IOException {
        try (Stream<Path> all = Files.walk(data())) {
            for (Path one : all.toList()) {
                Files.copy(one, to.data().resolve(data().relativize(one)), StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
    }

    private static void delete(Path tree) {
        while (Files.exists(tree)) {
            try {
                deleteAll(tree);
            } catch (NoSuchFileException byAnother) {
                // Another process deletes the same: what is left is found by beginning again.
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
        }
    }

    private static void deleteAll(Path tree) throws IOException {
        try (Stream<Path> all = Files.walk(tree)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (UncheckedIOException failed) {
            throw failed.getCause();
        }
    }

    /** A port that is free, and no port that the system gives to outgoing connections while a killed server is down. */
    static int freePort() {
        for (int attempt = 0; attempt < 100; attempt++) {
            int port = ThreadLocalRandom.current().nextInt(20_000, 32_000);
            if (isFree(port)) {
                return port;
            }
        }
        throw new IllegalStateException("no free port between 20000 and 32000");
    }

    private static boolean isFree(int port) {
        try (ServerSocket free = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return free.isBound();
        } catch (IOException taken) {
            return false;
        }
    }
}
