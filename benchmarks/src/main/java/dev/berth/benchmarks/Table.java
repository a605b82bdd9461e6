package dev.berth.benchmarks;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Aligned columns that are a table both for the eye and for Markdown. */
final class Table {
    private Table() {}

    static List<String> of(List<List<String>> rows) {
        int columns = rows.get(0).size();
        List<Integer> widths = new ArrayList<>(Collections.nCopies(columns, 0));
        rows.forEach(row -> {
            for (int i = 0; i < columns; i++) {
                widths.set(i, Math.max(widths.get(i), row.get(i).length()));
            }
        });
        List<String> lines = new ArrayList<>();
        for (List<String> row : rows) {
            lines.add(line(row, widths, " "));
            if (lines.size() == 1) {
                lines.add(line(Collections.nCopies(columns, ""), widths, "-"));
            }
        }
        return lines;
    }

    /** The first column is of words and stands left, the others stand right. */
    private static String line(List<String> row, List<Integer> widths, String filler) {
        var line = new StringBuilder("|");
        for (int i = 0; i < row.size(); i++) {
            String room = filler.repeat(widths.get(i) - row.get(i).length());
            line.append(filler.equals("-") ? "" : " ");
            line.append(i == 0 ? row.get(i) + room : room + row.get(i));
            line.append(!filler.equals("-") ? " |" : i == 0 ? "--|" : "-:|");
        }
        return line.toString();
    }
}
