package dev.berth.testkit.proxmox;

/** A version of Proxmox VE, with what clients notice of it. */
public enum ProxmoxVersion {
    /** 7.4: error texts stand in the status line only. */
    V7("7.4", "7.4-19", "f98bf8d4", 501),
    /** 8.3, the last one whose error texts stand in the status line only. */
    V8_3("8.3", "8.3.5", "dac3aa88b7c25661", 501),
    /** 8.4, with error texts in the body too. */
    V8_4("8.4", "8.4.14", "b502d23c55afcba1", 500),
    /** 9.2, the one that the recorded answers are from. */
    V9("9.2", "9.2.11", "14a22df35955d97d", 500);

    final String release;
    final String full;
    final String repository;
    final int statusOfBadJson;

    ProxmoxVersion(String release, String full, String repository, int statusOfBadJson) {
        this.release = release;
        this.full = full;
        this.repository = repository;
        this.statusOfBadJson = statusOfBadJson;
    }

    /** libpve-http-server-perl 5.2.0 of 2025-01-28 brought the texts into the body. */
    boolean tellsErrorsInBody() {
        return compareTo(V8_4) >= 0;
    }

    boolean hasPressure() {
        return this == V9;
    }
}
