namespace Gemini.Silo.Hosting;

/// <summary>
/// The cluster's membership table, through a connection of its own: the silo's own connection must not be used before the silo starts, nor
/// initialized twice.
/// </summary>
internal sealed class MembershipTable : IAsyncDisposable
{
    private readonly IMembershipTable _table;

    private MembershipTable(IMembershipTable table) => _table = table;

    /// <summary>A table of the same kind and with the same options as the silo's.</summary>
    public static MembershipTable Open(IServiceProvider services) => new(
        (IMembershipTable)ActivatorUtilities.CreateInstance(services, services.GetRequiredService<IMembershipTable>().GetType()));

    /// <summary>Connects and reads. Creates a missing table, as the silo would do: a table without a version cannot be read.</summary>
    public async Task<MembershipTableData> ConnectAsync()
    {
        await _table.InitializeMembershipTableAsync(tryInitTableVersion: true);
        return await _table.ReadAllAsync();
    }

    public Task<MembershipTableData> ReadAsync() => _table.ReadAllAsync();

    public async ValueTask DisposeAsync()
    {
        if (_table is IAsyncDisposable table) await table.DisposeAsync();
    }
}
