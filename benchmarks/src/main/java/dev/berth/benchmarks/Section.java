package dev.berth.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The part of a page that a command writes: what lies between two marks. The rest of the page is left alone. */
public record Section(Path page, String name) {
    private String begin() {
        return "<!-- begin " + name + ": written by the command above, never by hand -->\n";
    }

    private String end() {
        return "<!-- end " + name + " -->\n";
    }

    /** Adds an empty part to the end of a page. */
    void make() throws IOException {
        Files.writeString(page, Files.readString(page) + begin() + end());
    }

    /** Reads the lines that were written last. */
    List<String> read() throws IOException {
        String all = Files.readString(page);
        int from = all.indexOf(begin());
        int to = all.indexOf(end());
        return from < 0 || to < from
                ? List.of()
                : all.substring(from + begin().length(), to).lines().toList();
    }

    public void write(List<String> lines) throws IOException {
        String before = Files.readString(page);
        String begin = begin();
        String end = end();
        int from = before.indexOf(begin);
        int to = before.indexOf(end);
        if (from < 0 || to < from) {
            throw new IllegalStateException(page + " has no section " + name + ": put its two marks where it belongs");
        }
        String written = String.join("\n", lines) + "\n\n";
        Files.writeString(page, before.substring(0, from + begin.length()) + "\n" + written + before.substring(to));
    }
}
