using Gemini.Interfaces.SharedMemory;
using Microsoft.Extensions.Options;

namespace Gemini.Silo.Memory;

/// <summary>Refuses memory options that cannot work, naming the option, its value and the rule.</summary>
internal sealed class HostMemoryOptionsValidator : IValidateOptions<HostMemoryOptions>
{
    private const int ChunkBytesMaximum = 64 << 20;

    public ValidateOptionsResult Validate(string? name, HostMemoryOptions options)
    {
        List<string> failures = [];
        if (options.LimitBytes <= 0) failures.Add($"{nameof(options.LimitBytes)} is {options.LimitBytes}; it must be above 0, or absent.");
        if (options.ChunkBytes is < SegmentLayout.PageBytes or > ChunkBytesMaximum || options.ChunkBytes % SegmentLayout.PageBytes != 0)
        {
            failures.Add($"{nameof(options.ChunkBytes)} is {options.ChunkBytes}; it must be a multiple of {SegmentLayout.PageBytes} " +
                $"and at most {ChunkBytesMaximum}. Use {SegmentLayout.DefaultChunkBytes} unless measured otherwise.");
        }

        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }
}
