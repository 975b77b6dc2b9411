using System.Diagnostics;
using System.Text;
using Gemini.Silo.Transfer;

namespace Gemini.Silo.Tests.Transfer;

/// <summary>What the kernel does for a connection. A real connection, and no test depends on how fast the machine is.</summary>
public sealed class SocketOptionTests
{
    private const int Bytes = 8 * 1024 * 1024;

    [Fact]
    public async Task LimitRate_IsKept_UntilItIsRemoved()
    {
        using var pair = await ConnectedPair.OpenAsync(TimeProvider.System);
        pair.Tested.LimitRate(20_000_000);
        var limited = await SendAsync(pair);
        pair.Tested.LimitRate(0);
        var free = await SendAsync(pair);

        // 8 MiB at 20 MB/s take 0.42 s. The kernel lets a first burst pass, and the last packets are acknowledged at once.
        Assert.True(limited > TimeSpan.FromSeconds(0.2), $"It took {limited}.");
        Assert.True(free < limited, $"It took {free}, and {limited} with a limit.");
    }

    [Fact]
    public async Task FillPath_UsesCubic_WhateverTheMachineUses()
    {
        using var pair = await ConnectedPair.OpenAsync(TimeProvider.System);
        var (level, name) = DataConnection.CongestionControl;
        pair.TestedSocket.SetRawSocketOption(level, name, "reno"u8);
        pair.Tested.FillPath();
        var used = new byte[16];
        var length = pair.TestedSocket.GetRawSocketOption(level, name, used);
        Assert.Equal("cubic", Encoding.ASCII.GetString(used.AsSpan(0, length)).TrimEnd('\0'));
    }

    private static async Task<TimeSpan> SendAsync(ConnectedPair pair)
    {
        pair.Tested.Arm(Wait.Limit);
        var begun = Stopwatch.GetTimestamp();
        var received = pair.Peer.ReceiveAsync(new byte[Bytes]).AsTask();
        await pair.Tested.SendAsync(new byte[Bytes]);
        await received;
        return Stopwatch.GetElapsedTime(begun);
    }
}
