package dev.berth.examples.cli;

import java.util.ArrayList;
import java.util.List;

/** Rows for people to read, columns aligned. */
public final class TextTable {
    private final List<List<String>> rows = new ArrayList<>();

    private TextTable(List<String> heads) {
        rows.add(heads);
    }

    /**
     * Begins a table.
     *
     * @param heads what the columns are called
     * @return the table
     */
    public static TextTable of(String... heads) {
        return new TextTable(List.of(heads));
    }

    /**
     * Adds a row.
     *
     * @param cells as many as there are columns
     */
    public void add(Object... cells) {
        List<String> row = new ArrayList<>();
        for (Object cell : cells) {
            row.add(String.valueOf(cell));
        }
        rows.add(row);
    }

    @Override
    public String toString() {
        var text = new StringBuilder();
        for (List<String> row : rows) {
            var line = new StringBuilder();
            for (int column = 0; column < row.size(); column++) {
                String cell = row.get(column);
                line.append(cell).append(" ".repeat(width(column) - length(cell) + 2));
            }
            text.append(line.toString().stripTrailing()).append('\n');
        }
        return text.toString();
    }

    private int width(int column) {
        return rows.stream().mapToInt(row -> length(row.get(column))).max().orElse(0);
    }

    private static int length(String cell) {
        return cell.codePointCount(0, cell.length());
    }
}
