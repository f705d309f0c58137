import org.postgresql.ds.PGSimpleDataSource;

/** The server, which Java reaches by TCP alone. */
class Database {
    static final String HOST = "127.0.0.1";
    static final int PORT = Integer.parseInt(System.getenv("PGPORT"));
    static final String NAME = System.getenv("PGDATABASE");
    static final String USER = System.getenv("PGUSER");
    static final String PASSWORD = System.getenv("PGPASSWORD");

    static PGSimpleDataSource source() {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setServerNames(new String[] {HOST});
        source.setPortNumbers(new int[] {PORT});
        source.setDatabaseName(NAME);
        source.setUser(USER);
        source.setPassword(PASSWORD);
        return source;
    }
}
