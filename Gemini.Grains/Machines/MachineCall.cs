namespace Gemini.Grains.Machines;

/// <summary>One call of an operator, with a bound: whatever the operator does, there is an outcome soon after the order's limit.</summary>
public static class MachineCall
{
    /// <summary>How long an operator may take to clean up after the order's limit.</summary>
    private static readonly TimeSpan CleanUpLimit = TimeSpan.FromSeconds(10);

    /// <summary>The longest line that is passed on, in characters.</summary>
    private const int MaxLine = 300;

    /// <param name="machines">The operator.</param>
    /// <param name="order">The order for it.</param>
    /// <param name="say">Receives what the operator says; each text is put on one line and cut at a bounded length.</param>
    /// <param name="time">Measures the limit.</param>
    /// <param name="ct">Cancels the order.</param>
    /// <exception cref="OperationCanceledException">The order was cancelled, and the operator has ended.</exception>
    public static async Task<MachineOutcome> RunAsync(
        IMachineOperator machines, MachineOrder order, Action<string> say, TimeProvider time, CancellationToken ct)
    {
        var newest = "none";
        using var limit = new CancellationTokenSource(order.Limit, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ct);
        try
        {
            // On a thread of the pool, because an operator may block.
            var call = Task.Run(() => machines.BringUpAsync(order, Say, both.Token), CancellationToken.None);
            var outcome = await call.WaitAsync(order.Limit + CleanUpLimit, time, CancellationToken.None);
            ct.ThrowIfCancellationRequested();
            return outcome with { Reason = OneLine(outcome.Reason) };
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception) when (limit.IsCancellationRequested)
        {
            return MachineOutcome.TimedOut($"not done in {order.Limit.TotalSeconds:0.#} s; the operator's last line: {newest}");
        }
        catch (Exception error)
        {
            return MachineOutcome.Failed(OneLine($"{error.GetType().Name}: {error.Message}"));
        }

        void Say(string line)
        {
            newest = OneLine(line);
            say(newest);
        }
    }

    private static string OneLine(string text)
    {
        var line = text.ReplaceLineEndings(" ").Trim();
        return line.Length <= MaxLine ? line : line[..MaxLine] + "...";
    }
}
