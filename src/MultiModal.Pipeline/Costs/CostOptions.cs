using System.ComponentModel.DataAnnotations;
using MultiModal.Pipeline.Ai.Models;

namespace MultiModal.Pipeline.Costs;

/// <summary>Configuration section <c>Costs</c>: where prices come from.</summary>
public sealed class CostOptions : IValidatableObject
{
    public const string Section = "Costs";

    /// <summary>Path of a price book of your own. Its families replace those of the built-in one.</summary>
    public string? PriceBook { get; set; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        string? problem = null;
        try
        {
            _ = Costs.PriceBook.Open(PriceBook, ModelCatalogue.BuiltIn);
        }
        catch (InvalidDataException e)
        {
            problem = e.Message;
        }

        if (problem is not null) yield return new ValidationResult(problem, [nameof(PriceBook)]);
    }
}
