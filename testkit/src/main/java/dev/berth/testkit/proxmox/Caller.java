package dev.berth.testkit.proxmox;

/** Who asks: a user, maybe by one of its tokens. */
record Caller(String user, String token) {
    static final Caller NOBODY = new Caller("", "");

    /** The name that rights are given to. */
    String name() {
        return token.isEmpty() ? user : user + "!" + token;
    }

    static Caller of(String name) {
        int bang = name.indexOf('!');
        return bang < 0 ? new Caller(name, "") : new Caller(name.substring(0, bang), name.substring(bang + 1));
    }
}
