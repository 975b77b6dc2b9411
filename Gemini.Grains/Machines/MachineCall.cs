namespace Gemini.Grains.Machines;

/// <summary>One call of an operator, bounded: whatever the operator does, there is an outcome soon after the order's limit.</summary>
public static class MachineCall
{
    /// <summary>How long an operator may take to clean up when its order is given up.</summary>
    private static readonly TimeSpan CleanUpLimit = TimeSpan.FromSeconds(10);

    /// <summary>The longest line that is passed on, in characters.</summary>
    private const int MaxLine = 300;

    /// <param name="machines">Who is asked.</param>
    /// <param name="order">What for.</param>
    /// <param name="say">Takes the operator's lines, each on one line and of bounded length.</param>
    /// <param name="time">Measures the limit.</param>
    /// <param name="ct">Gives the order up.</param>
    /// <exception cref="OperationCanceledException">The order was given up, and the operator has ended.</exception>
    public static async Task<MachineOutcome> RunAsync(
        IMachineOperator machines, MachineOrder order, Action<string> say, TimeProvider time, CancellationToken ct)
    {
        var newest = "it said nothing";
        using var limit = new CancellationTokenSource(order.Limit, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ct);
        try
        {
            // On a thread of its own: an operator may do things that block.
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
            return MachineOutcome.TimedOut($"not done in {order.Limit.TotalSeconds:0.#} s; the last word: {newest}");
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
