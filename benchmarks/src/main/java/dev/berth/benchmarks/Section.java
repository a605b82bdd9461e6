package dev.berth.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The part of a page that a command writes: what lies between two marks. The rest of the page is left alone. */
public record Section(Path page, String name) {
    public void write(List<String> lines) throws IOException {
        String before = Files.readString(page);
        String begin = "<!-- begin " + name + ": written by the command above, never by hand -->\n";
        String end = "<!-- end " + name + " -->\n";
        int from = before.indexOf(begin);
        int to = before.indexOf(end);
        if (from < 0 || to < from) {
            throw new IllegalStateException(page + " has no section " + name + ": put its two marks where it belongs");
        }
        String written = String.join("\n", lines) + "\n\n";
        Files.writeString(page, before.substring(0, from + begin.length()) + "\n" + written + before.substring(to));
    }
}
