using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Audio;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Inventory;

namespace MultiModal.Pipeline.Steps;

/// <summary>A recording that is being transcribed.</summary>
/// <param name="Batch">The batch that it is in.</param>
/// <param name="Options">What the batch asks for.</param>
/// <param name="Subject">The recording.</param>
/// <param name="Speech">The engine that hears it.</param>
/// <param name="Prepared">How it was cut.</param>
internal sealed record HeardRecording(
    BatchName Batch, BatchOptions Options, InventoryItem Subject, ISpeechEngine Speech, PreparedAudioRecord Prepared)
{
    /// <summary>Whether speakers are told apart.</summary>
    public bool TellsSpeakers => Options.Speakers && Speech.Abilities.TellsSpeakers;
}
